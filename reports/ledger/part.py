"""Reading one Parquet part of a table, and checking its checksums, columns and values.

A part that no run writes is an error here: other columns or types, nulls where a row needs a
value, invalid JSON. Other modules rely on it.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
from pyarrow import parquet

from reports.ledger.checks import Check, Checks
from reports.ledger.checksums import has_checksum, has_room_for_checksum, stream_has_checksum
from reports.ledger.part_rows import read_rows
from reports.ledger.places.storage import Place, open_stream, parquet_source, size_of
from reports.ledger.rules import problem_in
from reports.ledger.schema import ESSENTIAL

MERGED = "merged-"
"""The prefix of the name of a part that was merged from others."""
WITHOUT_CHECKSUM = "sugrm.unguarded"
"""Key in the metadata of a part: how many parts without checksums it was merged from."""
WHOLE_BYTES = 16 * 2**20
"""A part of at most this size is checked as a whole when it is read, a larger part when a run opens
its ledger (``check_large``). Of a larger part, less than a byte in a thousand is outside the pages,
which have checksums of their own."""


class DamagedPartError(pa.ArrowInvalid):
    """A part is damaged; the message is one line without a full stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one part.

    Attributes:
        rows: the rows, in the columns that were asked for.
        is_merged: whether the part was merged from others.
        without_checksum: how many parts without checksums it is or was merged from, at least 0.
    """

    rows: pa.Table
    is_merged: bool
    without_checksum: int


def read_part(
    path: Place,
    schema: pa.Schema,
    *,
    columns: Sequence[str] | None = None,
    keys: Collection[str] | None = None,
    checks: Checks | None = None,
) -> Part:
    """Read a part under ``schema``; columns that an older part lacks are null.

    Args:
        path: the path of the part; its folder has the name of the table.
        schema: the columns of the table.
        columns: the columns to read, all when None.
        keys: the trials whose rows are read, all when None.
        checks: the parts that earlier reads checked, which are not checked again; this part is
            added.

    Raises:
        FileNotFoundError: there is no such part.
        DamagedPartError: the part is damaged.
        StorageError: an object store does not answer; that is no damage.
    """
    table = path.parent.name
    names = list(columns or schema.names)
    with _as_damage():
        size = size_of(path)
        known = checks.find(path, size) if checks else None
        with _opened(path, size, known=known) as (file, without_checksum):
            _check_columns(table, file.schema_arrow.names)
            rows = read_rows(file, pa.schema([schema.field(name) for name in names]), keys=keys)
        unchecked = [name for name in names if known is None or name not in known.columns]
        problem = problem_in(table, rows.select(unchecked))
    if problem:
        raise DamagedPartError(problem)
    if checks is not None:
        checks.add(
            path, size, without_checksum=without_checksum, columns=names if keys is None else ()
        )
    return Part(
        rows=rows, is_merged=path.name.startswith(MERGED), without_checksum=without_checksum
    )


def _check_columns(table: str, present: Collection[str]) -> None:
    """Raise ArrowInvalid for a part without a column that every row of ``table`` needs."""
    lacking = [name for name in ESSENTIAL.get(table, ()) if name not in present]
    if lacking:
        raise pa.ArrowInvalid(f"lacks the column {', '.join(lacking)}")


def check_large(path: Place) -> None:
    """Check the checksum of a part that is too large for ``read_part`` to check it.

    Raises:
        FileNotFoundError: there is no such part.
        DamagedPartError: a byte differs from what was written.
        StorageError: an object store does not answer.
    """
    with _as_damage():
        size = size_of(path)
        if size is not None and size <= WHOLE_BYTES:
            return
        with open_stream(path) as stream:
            has_mark = stream_has_checksum(stream)
            with parquet.ParquetFile(stream) as file:
                _check_mark(file, stream.seek(0, os.SEEK_END), has_mark=has_mark)


@contextmanager
def _as_damage() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        raise DamagedPartError(_first_line(error)) from error


@contextmanager
def _opened(
    path: Place, size: int | None, *, known: Check | None
) -> Iterator[tuple[parquet.ParquetFile, int]]:
    """Yield an open part and how many parts without checksums it is or was merged from.

    There are thousands of one-row parts: a plain file reader, without datasets and threads, is
    three times as fast as read_table.
    """
    if size is not None and size <= WHOLE_BYTES:
        content = path.read_bytes()
        has_mark = known is None and has_checksum(content)
        source = pa.BufferReader(content)
        with parquet.ParquetFile(source, page_checksum_verification=True) as file:
            if known is None:
                _check_mark(file, len(content), has_mark=has_mark)
            yield file, known.without_checksum if known else _without_checksum(file, has_mark)
        return
    with (
        parquet_source(path) as stream,
        parquet.ParquetFile(stream, page_checksum_verification=True) as file,
    ):
        yield file, _without_checksum(file, _was_written_with_checksum(file))


def _was_written_with_checksum(file: parquet.ParquetFile) -> bool:
    return WITHOUT_CHECKSUM.encode() in (file.metadata.metadata or {})


def _check_mark(file: parquet.ParquetFile, size: int, *, has_mark: bool) -> None:
    """Raise ArrowInvalid for a part whose checksum was damaged, so that it looks like none."""
    if (
        not has_mark
        and _was_written_with_checksum(file)
        and has_room_for_checksum(file.metadata, size)
    ):
        raise pa.ArrowInvalid("the mark of its checksum changed after it was written")


def _without_checksum(file: parquet.ParquetFile, has_mark: bool) -> int:
    if not has_mark:
        return 1
    merged = (file.metadata.metadata or {}).get(WITHOUT_CHECKSUM.encode(), b"")
    return int(merged) if merged.isdigit() else 0


def _first_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
