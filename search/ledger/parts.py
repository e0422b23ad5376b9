"""One table of a run: a folder of Parquet parts that appear whole or not at all.

A part appears when it is whole: on a disk it is written under a temporary name and renamed, in an
object store it is one upload. Many small parts are merged into a larger one, many of those into
one larger still, so that a row is written a few times however long the run. The larger part
appears first, the small ones go after: a reader meanwhile sees equal rows twice but never misses
one.
"""

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.storage import TEMPORARY, Place, StorePlace, each, readable, whole_file

SUFFIX = ".parquet"
MERGED = "merged-"
MERGE_COUNT = 64
"""Parts of one table, merged equally often, that make a merge worth while."""
SMALL_BYTES = 16 * 2**20
"""A part of at least this size is never merged again."""
ROW_GROUP_BYTES = 32 * 2**20
KEPT_BYTES = 2**18
"""Rows up to this size are kept in memory until they are merged, not read again."""

Row = Mapping[str, Any]


class PartFolder:
    """The parts of one table.

    Args:
        folder: where the parts lie; made on the first write.
        schema: columns of the table.
    """

    def __init__(self, folder: Place, schema: pa.Schema) -> None:
        self.folder = folder
        self.schema = schema
        self._unmerged: int | None = None  # parts never merged; None before the first count
        self._kept: dict[Place, pa.Table] = {}

    def paths(self) -> list[Place]:
        """Return the parts, sorted by name."""
        return sorted(self.folder.glob(f"*{SUFFIX}"), key=lambda path: path.name)

    def path(self, stem: str) -> Place:
        """Return where the part of that name lies."""
        return self.folder / f"{stem}{SUFFIX}"

    def write(self, stem: str, rows: Sequence[Row]) -> None:
        """Write one part; an older part of that name is replaced."""
        columns = {name: [row.get(name) for row in rows] for name in self.schema.names}
        self.write_table(stem, pa.table(columns, schema=self.schema))

    def write_table(self, stem: str, table: pa.Table, *, dense: bool = False) -> None:
        """Write one part of rows under the table's schema; ``dense`` takes time to save bytes."""
        self._write_groups(stem, [table], dense=dense)
        self._unmerged = None if self._unmerged is None else self._unmerged + 1
        if self._unmerged is not None and table.nbytes <= KEPT_BYTES:
            self._kept[self.path(stem)] = table

    def read(self, path: Place, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a part under the current schema: columns that it lacks are null.

        Raises:
            OSError, pyarrow.ArrowException: the part is damaged.
            StorageError: an object store does not answer.
        """
        names = list(columns or self.schema.names)
        with readable(path) as source, pq.ParquetFile(source) as part:
            known = set(part.schema_arrow.names)
            stored = part.read(columns=[name for name in names if name in known], use_threads=False)
        filled = [
            stored.column(name).cast(self.schema.field(name).type)
            if name in stored.schema.names
            else pa.nulls(len(stored), self.schema.field(name).type)
            for name in names
        ]
        return pa.table(filled, schema=pa.schema([self.schema.field(name) for name in names]))

    def read_all(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of all readable parts; a part that vanishes meanwhile was merged."""
        names = list(columns or self.schema.names)
        empty = pa.schema([self.schema.field(name) for name in names]).empty_table()
        found = each(lambda path: self._read_if_whole(path, names), self.paths())
        return pa.concat_tables([empty, *(table for table in found if table is not None)])

    def read_key(self, key: str) -> pa.Table:
        """Return the rows of one trial; a part that cannot be read holds none."""
        tables = [self.schema.empty_table()]
        for path in self.paths():
            try:
                held = pc.equal(self.read(path, ["key"])["key"], pa.scalar(key))
                if pc.any(held).as_py():
                    tables.append(self.read(path).filter(held))
            except (OSError, pa.ArrowException):
                continue
        return pa.concat_tables(tables)

    def remove_temporary(self) -> None:
        """Remove what a killed writer left under a temporary name."""
        for path in self.folder.glob(f"*{TEMPORARY}"):
            path.unlink(missing_ok=True)

    def merge(self, *, at_least: int = MERGE_COUNT) -> None:
        """Merge the parts that were merged equally often once there are ``at_least`` of them."""
        if self._unmerged is not None and self._unmerged < at_least:
            return  # known without a listing, which every trial that ends would wait for
        tiers: dict[int, list[Place]] = {}
        for path in self.paths():
            if _size(path) < SMALL_BYTES:
                tiers.setdefault(_tier(path), []).append(path)
        for tier, parts in tiers.items():
            if len(parts) >= max(at_least, 2):
                self.replace(parts, each(self._kept_or_read, parts), tier=tier + 1)
                tiers[tier] = []
        self._unmerged = len(tiers.get(0, ()))

    def replace(self, old: Sequence[Place], tables: Iterator[pa.Table], *, tier: int = 1) -> None:
        """Write ``tables`` as one part, merged ``tier`` times, then remove the ``old`` parts."""
        self._write_groups(f"{MERGED}{tier}-{uuid.uuid4().hex[:12]}", _grouped(tables), dense=True)
        for _ in each(lambda path: path.unlink(missing_ok=True), old):
            pass
        for path in old:
            self._kept.pop(path, None)
        self._unmerged = None

    def _kept_or_read(self, path: Place) -> pa.Table:
        kept = self._kept.get(path)
        return self.read(path) if kept is None else kept

    def _read_if_whole(self, path: Place, names: Sequence[str]) -> pa.Table | None:
        try:
            return self.read(path, names)
        except (OSError, pa.ArrowException):
            return None

    def _write_groups(self, stem: str, groups: Iterable[pa.Table], *, dense: bool = False) -> None:
        """Write a part; what costs time to save bytes is left to the merge of many."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (
            whole_file(self.path(stem)) as file,
            pq.ParquetWriter(
                file,
                self.schema,
                compression="zstd" if dense else "snappy",
                use_dictionary=dense,
                write_statistics=dense,
            ) as writer,
        ):
            for group in groups:
                writer.write_table(group)


def _tier(part: Place) -> int:
    """Return how often the rows of a part were merged, 1 at least for every merged part."""
    if not part.name.startswith(MERGED):
        return 0
    times, dash, _ = part.name.removeprefix(MERGED).partition("-")
    return int(times) if dash else 1


def _size(part: Place) -> int:
    if isinstance(part, StorePlace):
        return part.size or 0
    return os.stat(str(part)).st_size


def _grouped(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield the tables joined into row groups: thousands of one-row groups read slowly."""
    waiting: list[pa.Table] = []
    held = 0
    for table in tables:
        waiting.append(table)
        held += table.nbytes
        if held >= ROW_GROUP_BYTES:
            yield pa.concat_tables(waiting)
            waiting, held = [], 0
    if waiting:
        yield pa.concat_tables(waiting)
