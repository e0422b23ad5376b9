"""A checksum of a whole Parquet file, kept within the file.

Parquet's page checksums cover the values only. In a part of one row half of the bytes are outside
the pages: page headers and the footer. The CRC-32 of all other bytes is therefore written before
the footer, where readers of Parquet do not look. A tool that rewrites the rows leaves it out.
"""

import os
import zlib
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from pyarrow import parquet

_PREFIX = b"sugrm-crc32:"
_SIZE = len(_PREFIX) + 8
_TAIL = 8  # bytes at the end of a Parquet file: the length of its footer and "PAR1"
_CHUNK = 2**20
_MAGIC = 4  # bytes at the beginning of a Parquet file


def add_checksum(file: Path) -> None:
    """Write the checksum of a finished Parquet file before its footer."""
    with file.open("r+b") as stream:
        checksum = 0
        while chunk := stream.read(_CHUNK):
            checksum = zlib.crc32(chunk, checksum)
        stream.seek(-_TAIL, os.SEEK_END)
        stream.seek(-_TAIL - _footer_length(stream.read()), os.SEEK_END)
        place = stream.tell()
        footer = stream.read()
        stream.seek(place)
        stream.write(_text(checksum) + footer)


def has_checksum(content: bytes) -> bool:
    """Return whether a Parquet file, given as bytes, holds its checksum.

    Raises:
        ArrowInvalid: a byte differs from what was written.
    """
    end = len(content) - _TAIL - _footer_length(content[-_TAIL:])
    start = max(0, end - _SIZE)
    if not content.startswith(_PREFIX, start, max(0, end)):
        return False
    view = memoryview(content)
    if view[start:end] != _text(zlib.crc32(view[end:], zlib.crc32(view[:start]))):
        raise _mismatch()
    return True


def stream_has_checksum(stream: BinaryIO) -> bool:
    """Return whether a Parquet file holds its checksum, without reading it into memory as a whole.

    Raises:
        ArrowInvalid: a byte differs from what was written.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    start = size - _TAIL - _footer_length(stream.read()) - _SIZE
    if start < 0:
        return False
    stream.seek(start)
    mark = stream.read(_SIZE)
    if not mark.startswith(_PREFIX):
        return False
    stream.seek(0)
    checksum = _of_next(stream, start)
    stream.seek(start + _SIZE)
    if mark != _text(_of_next(stream, size - start - _SIZE, checksum=checksum)):
        raise _mismatch()
    return True


def has_room_for_checksum(footer: parquet.FileMetaData, size: int) -> bool:
    """Return whether the gap before the footer of a Parquet file has the size of a checksum.

    A tool that rewrites the rows leaves no gap, even where it copies the metadata.

    Args:
        footer: the metadata of the file.
        size: the size of the file in bytes.
    """
    chunks = (
        footer.row_group(group).column(column)
        for group in range(footer.num_row_groups)
        for column in range(footer.num_columns)
    )
    end = max(map(_end, chunks), default=_MAGIC)
    return size - _TAIL - footer.serialized_size - end == _SIZE


def _end(chunk: parquet.ColumnChunkMetaData) -> int:
    first = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
    return (first or chunk.data_page_offset) + chunk.total_compressed_size


def _of_next(stream: BinaryIO, count: int, *, checksum: int = 0) -> int:
    while count > 0 and (chunk := stream.read(min(count, _CHUNK))):
        checksum = zlib.crc32(chunk, checksum)
        count -= len(chunk)
    return checksum


def _mismatch() -> pa.ArrowInvalid:
    return pa.ArrowInvalid("its checksum does not match: bytes changed after it was written")


def _footer_length(tail: bytes) -> int:
    return int.from_bytes(tail[:4], "little")


def _text(checksum: int) -> bytes:
    return _PREFIX + f"{checksum:08x}".encode("ascii")
