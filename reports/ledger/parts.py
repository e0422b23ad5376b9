"""Reading the Parquet parts of one table of a ledger, of any schema version so far."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa

from reports.ledger.checks import Checks
from reports.ledger.distinct import distinct_rows
from reports.ledger.part import DamagedPartError, Part, read_part
from reports.ledger.places.storage import Place, each
from reports.ledger.schema import SCHEMAS

T = TypeVar("T")

_LISTINGS = 5  # a run in progress may merge parts meanwhile; another listing finds the merged one


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one table, and those that could not be read.

    Attributes:
        schema: the columns that were asked for.
        parts: the parts that were read, sorted by name.
        damaged: a line for each part that was left out: its name and the reason.
    """

    schema: pa.Schema
    parts: tuple[Part, ...]
    damaged: tuple[str, ...]

    @property
    def rows(self) -> pa.Table:
        """Return the rows of all parts; a merge that was cut short leaves some rows twice."""
        return pa.concat_tables([self.schema.empty_table(), *(part.rows for part in self.parts)])

    @property
    def without_checksum(self) -> int:
        """Return how many parts without checksums the rows come from."""
        return sum(part.without_checksum for part in self.parts)

    def distinct(self, table: str) -> pa.Table:
        """Return each row once; of predictions that share an id all stay."""
        return distinct_rows(table, self.parts) if self.parts else self.schema.empty_table()


def left_out(damaged: str) -> str:
    """Return a warning about a line of ``Parts.damaged``."""
    return f"left out the damaged part {damaged}"


def read_parts(
    folder: Place,
    table: str,
    *,
    keys: Collection[str] | None = None,
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
    checks: Checks | None = None,
) -> Parts:
    """Return all parts of a table.

    A part that cannot be read is left out and named in ``damaged``; the file stays. Rows that a
    running search merges meanwhile are read from the merged part.

    Args:
        folder: the run folder.
        table: the name of the table.
        keys: the trials whose rows are read, all when None.
        columns: the columns to read, all when None.
        schema: the columns of the table; those of ``SCHEMAS`` when None.
        checks: the parts that earlier reads checked; those read now are added.

    Raises:
        StorageError: an object store does not answer; nothing is then taken for damaged.
    """
    schema = schema or SCHEMAS[table]
    names = list(columns or schema.names)

    def read(path: Place) -> Part | Exception:
        try:
            return read_part(path, schema, columns=names, keys=keys, checks=checks)
        except (DamagedPartError, FileNotFoundError) as error:
            return error

    found, damaged = read_each(folder, table, read=read)
    return Parts(
        schema=pa.schema([schema.field(name) for name in names]),
        parts=tuple(found[path] for path in sorted(found)),
        damaged=tuple(damaged.values()),
    )


def read_each(
    folder: Place, table: str, *, read: Callable[[Place], T | Exception]
) -> tuple[dict[Place, T], dict[Place, str]]:
    """Return what ``read`` returns of each part of a table, and the damaged parts with the reason.

    Args:
        folder: the run folder.
        table: the name of the table.
        read: takes the path of a part; returns the error of one that is damaged or gone.
    """
    found: dict[Place, T] = {}
    damaged: dict[Place, str] = {}
    for _ in range(_LISTINGS):
        vanished = False
        try:
            paths = sorted(_listed(folder / table))
        except PermissionError as error:
            damaged[folder / table] = f"{table}: {error.strerror}"
            break
        new = [path for path in paths if path not in found and path not in damaged]
        for path, part in zip(new, each(read, new), strict=True):
            if isinstance(part, FileNotFoundError):
                vanished = True
            elif isinstance(part, Exception):
                damaged[path] = f"{path.relative_to(folder)}: {part}"
            else:
                found[path] = part
        if not vanished:
            break
    return found, damaged


def _listed(folder: Place) -> Iterator[Place]:
    """Yield the parts in a folder; raise PermissionError where ``glob`` would find none."""
    try:
        yield from (path for path in folder.iterdir() if path.name.endswith(".parquet"))
    except (FileNotFoundError, NotADirectoryError):
        return
