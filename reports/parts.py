"""Reading the Parquet parts of one table of a ledger, of any schema version so far."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from reports.schema import ESSENTIAL, SCHEMAS
from reports.storage import Place, each, readable

_LISTINGS = 5  # a run in progress merges parts now and then; each listing finds the merged one


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows of one table and the parts that could not be read.

    Attributes:
        rows: all rows in the columns of ``reports.schema``, newest part last.
        damaged: one line for each part left out, naming it and why.
    """

    rows: pa.Table
    damaged: tuple[str, ...]


def read_parts(folder: Place, table: str, keys: Collection[str] | None = None) -> Parts:
    """Read every part of ``table`` under the run ``folder``; with ``keys``, these trials' rows.

    A part that cannot be read is left out and named in ``damaged``; it stays where it is. A part
    that a running search merges away meanwhile is found again in the part that replaced it.

    Raises:
        StorageError: an object store does not answer; nothing is then taken for damaged.
    """
    read: dict[Place, pa.Table] = {}
    damaged: dict[Place, str] = {}
    for _ in range(_LISTINGS):
        vanished = False
        try:
            found = sorted(_listed(folder / table))
        except PermissionError as error:
            damaged[folder / table] = f"{table}: {error.strerror}"
            break
        new = [path for path in found if path not in read and path not in damaged]
        for path, part in zip(new, each(lambda path: _tried(path, table, keys), new), strict=True):
            if isinstance(part, FileNotFoundError):
                vanished = True
            elif isinstance(part, Exception):
                damaged[path] = f"{path.relative_to(folder)}: {_first_line(part)}"
            else:
                read[path] = part
        if not vanished:
            break
    ordered = [read[path] for path in sorted(read)]
    rows = pa.concat_tables(ordered) if ordered else SCHEMAS[table].empty_table()
    return Parts(rows, tuple(damaged.values()))


def _listed(folder: Place) -> Iterator[Place]:
    """Yield the parts in a folder; unlike ``glob``, which finds none where it may not look."""
    try:
        yield from (path for path in folder.iterdir() if path.name.endswith(".parquet"))
    except (FileNotFoundError, NotADirectoryError):
        return


def _tried(path: Place, table: str, keys: Collection[str] | None) -> pa.Table | Exception:
    """Return the rows of a part, or why it cannot be read."""
    try:
        return _fit(_read(path, ESSENTIAL[table], keys), SCHEMAS[table])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        return error


def _read(path: Place, essential: Sequence[str], keys: Collection[str] | None) -> pa.Table:
    # One-row parts come in thousands: a bare file reader, without datasets and threads, is
    # three times as fast as read_table.
    with readable(path) as source, parquet.ParquetFile(source) as part:
        lacking = [name for name in essential if name not in part.schema_arrow.names]
        if lacking:
            raise pa.ArrowInvalid(f"lacks the column {', '.join(lacking)}")
        if keys is None:
            return part.read(use_threads=False)
        wanted = pa.array(sorted(keys), pa.string())
        groups = [_group(part, number, wanted) for number in range(part.num_row_groups)]
        found = [group for group in groups if group is not None]
        return pa.concat_tables(found) if found else part.schema_arrow.empty_table()


def _group(part: parquet.ParquetFile, number: int, keys: "pa.Array[Any]") -> pa.Table | None:
    """Return the rows of these trials in a row group; without any, no more than keys are read.

    The labels of a long search fill gigabytes.
    """
    held = part.read_row_group(number, columns=["key"], use_threads=False)["key"]
    wanted = pc.is_in(held, value_set=keys)
    if not pc.any(wanted).as_py():
        return None
    return part.read_row_group(number, use_threads=False).filter(wanted)


def _fit(part: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return ``part`` in the columns of ``schema``, those that it lacks as nulls."""
    present = set(part.column_names)
    columns = [
        part.column(field.name).cast(field.type)
        if field.name in present
        else pa.nulls(len(part), field.type)
        for field in schema
    ]
    fitted = pa.table(columns, schema=schema)
    fitted.validate(full=True)  # a flipped bit in a text is found here, not when it is printed
    return fitted


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
