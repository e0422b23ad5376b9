"""Reading the Parquet parts of one table of a ledger, of any schema version so far."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from reports.ledger.checks import Checks
from reports.ledger.distinct import distinct_rows
from reports.ledger.part import DamagedPartError, Part, read_part
from reports.ledger.places.storage import Place, each
from reports.ledger.schema import SCHEMAS

_LISTINGS = 5  # a run in progress merges parts now and then; each listing finds the merged one


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one table, and those that could not be read.

    Attributes:
        schema: of the columns that were asked for.
        parts: those that were read, newest last.
        damaged: one line for each part left out, naming it and why.
    """

    schema: pa.Schema
    parts: tuple[Part, ...]
    damaged: tuple[str, ...]

    @property
    def rows(self) -> pa.Table:
        """Return the rows of all parts as they are; a merge cut short leaves some twice."""
        return pa.concat_tables([self.schema.empty_table(), *(part.rows for part in self.parts)])

    @property
    def unguarded(self) -> int:
        """Return how many parts were written without checksums."""
        return sum(part.unguarded for part in self.parts)

    def distinct(self, table: str) -> pa.Table:
        """Return each row once; rows of predictions that share an id stay apart."""
        return distinct_rows(table, self.parts) if self.parts else self.schema.empty_table()


def left_out(damaged: str) -> str:
    """Return what a command says of a line of ``Parts.damaged``."""
    return f"left out the damaged part {damaged}"


def read_parts(
    folder: Place,
    table: str,
    keys: Collection[str] | None = None,
    *,
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
    checks: Checks | None = None,
) -> Parts:
    """Read every part of ``table`` under the run ``folder``; with ``keys``, these trials' rows.

    A part that cannot be read is left out and named in ``damaged``; it stays where it is. A part
    that a running search merges away meanwhile is found again in the part that replaced it.

    Raises:
        StorageError: an object store does not answer; nothing is then taken for damaged.
    """
    schema = schema or SCHEMAS[table]
    read: dict[Place, Part] = {}
    damaged: dict[Place, str] = {}

    def tried(path: Place) -> Part | Exception:
        try:
            return read_part(path, schema, columns=columns, keys=keys, checks=checks)
        except (DamagedPartError, FileNotFoundError) as error:
            return error

    for _ in range(_LISTINGS):
        vanished = False
        try:
            found = sorted(_listed(folder / table))
        except PermissionError as error:
            damaged[folder / table] = f"{table}: {error.strerror}"
            break
        new = [path for path in found if path not in read and path not in damaged]
        for path, part in zip(new, each(tried, new), strict=True):
            if isinstance(part, FileNotFoundError):
                vanished = True
            elif isinstance(part, Exception):
                damaged[path] = f"{path.relative_to(folder)}: {part}"
            else:
                read[path] = part
        if not vanished:
            break
    names = list(columns or schema.names)
    return Parts(
        schema=pa.schema([schema.field(name) for name in names]),
        parts=tuple(read[path] for path in sorted(read)),
        damaged=tuple(damaged.values()),
    )


def _listed(folder: Place) -> Iterator[Place]:
    """Yield the parts in a folder; unlike ``glob``, which finds none where it may not look."""
    try:
        yield from (path for path in folder.iterdir() if path.name.endswith(".parquet"))
    except (FileNotFoundError, NotADirectoryError):
        return
