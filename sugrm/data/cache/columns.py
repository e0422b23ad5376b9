"""Arrow IPC files of one record batch: written as they are, read as views of the memory map."""

import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy.typing as npt
import pyarrow as pa
from pyarrow import ipc

from sugrm.data.cache.ragged import Ragged

DAMAGE = (OSError, LookupError, ValueError, TypeError, AttributeError, RecursionError)
"""Errors, besides Arrow's, that reading a damaged cache raises."""
_CHUNK = 2**20
Columns = Mapping[str, "pa.Array[Any]"]


def write_columns(path: Path, columns: Columns) -> None:
    """Write the columns, all of one length, as one uncompressed record batch."""
    batch = pa.RecordBatch.from_pydict(dict(columns))
    with ipc.new_file(str(path), batch.schema) as writer:
        writer.write_batch(batch)


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file, computed once per process while the file does not change."""
    return _checksum(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _checksum(path: Path, _changed_at: int) -> int:
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found = zlib.crc32(chunk, found)
    return found


def check_columns(path: Path, expected: int | None) -> None:
    """Raise an error where a file differs from its checksum; an older cache has none.

    Raises:
        ValueError: bytes differ from what was written.
    """
    if expected is not None and checksum(path) != expected:
        raise ValueError(f"the checksum of {path.name} does not match")


def map_columns(path: Path) -> "dict[str, pa.Array[Any]]":
    """Return the columns of a file by name; all processes of a machine share their pages."""
    with pa.memory_map(str(path)) as file:
        batch = ipc.open_file(file).get_batch(0)
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def ragged_column(sequences: Ragged) -> "pa.Array[Any]":
    """Return sequences as a column of flat numbers, one list a row."""
    return pa.LargeListArray.from_arrays(
        pa.array(sequences.offsets, pa.int64()), pa.array(sequences.values)
    )


def ragged(column: "pa.Array[Any]", width: int) -> Ragged:
    """Return the sequences of a column that ``ragged_column`` made, without a copy."""
    lists = cast("pa.LargeListArray[Any]", column)
    return Ragged(values=numbers(lists.values), offsets=numbers(lists.offsets), width=width)


def numbers(column: "pa.Array[Any]") -> npt.NDArray[Any]:
    """Return a view of the column; Arrow refuses where that would need a copy."""
    view: npt.NDArray[Any] = column.to_numpy(zero_copy_only=True)
    return view
