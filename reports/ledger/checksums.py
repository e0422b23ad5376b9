"""A checksum of a whole Parquet file, kept within the file.

Parquet's page checksums cover the values. In a part of one row half of the bytes lie outside the
pages: page headers and the footer. So the CRC-32 of all other bytes stands before the footer, where
readers of Parquet do not look. A tool that writes the rows anew leaves it out.
"""

import os
import zlib
from pathlib import Path

import pyarrow as pa

_PREFIX = b"sugrm-crc32:"
_SIZE = len(_PREFIX) + 8
_TAIL = 8  # bytes at the end of a Parquet file: the length of its footer and "PAR1"
_CHUNK = 2**20


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
    """Return whether the bytes of a Parquet file hold their checksum.

    Raises:
        ArrowInvalid: a byte differs from what was written.
    """
    end = len(content) - _TAIL - _footer_length(content[-_TAIL:])
    start = max(0, end - _SIZE)
    if not content.startswith(_PREFIX, start, max(0, end)):
        return False
    view = memoryview(content)
    if view[start:end] != _text(zlib.crc32(view[end:], zlib.crc32(view[:start]))):
        raise pa.ArrowInvalid("its checksum does not match: bytes changed after it was written")
    return True


def _footer_length(tail: bytes) -> int:
    return int.from_bytes(tail[:4], "little")


def _text(checksum: int) -> bytes:
    return _PREFIX + f"{checksum:08x}".encode("ascii")
