"""One table of a run: a folder of Parquet parts that appear whole or not at all.

A part appears when it is whole: on a disk it is written under a temporary name and renamed, in an
object store it is one upload. Small parts are merged into larger ones:
the larger part appears first, the small ones go after, so that a reader meanwhile sees equal
rows twice but never misses one.
"""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.storage import TEMPORARY, Place, StorePlace, each, readable, whole_file

SUFFIX = ".parquet"
MERGED = "merged-"
MERGE_COUNT = 64
"""Small parts of one table that make a merge worth while."""
SMALL_BYTES = 16 * 2**20
"""A part of at least this size is never merged again."""
ROW_GROUP_BYTES = 32 * 2**20

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
        self._small: int | None = None  # at most so many small parts; None before the first count

    def paths(self) -> list[Place]:
        """Return the parts, sorted by name."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def path(self, stem: str) -> Place:
        """Return where the part of that name lies."""
        return self.folder / f"{stem}{SUFFIX}"

    def write(self, stem: str, rows: Sequence[Row]) -> None:
        """Write one part; an older part of that name is replaced."""
        columns = {name: [row.get(name) for row in rows] for name in self.schema.names}
        self.write_table(stem, pa.table(columns, schema=self.schema))

    def write_table(self, stem: str, table: pa.Table) -> None:
        """Write one part of rows under the table's schema."""
        self._write_tables(stem, iter([table]))
        self._small = None if self._small is None else self._small + 1

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
        """Merge the small parts into one once there are ``at_least`` of them."""
        if self._small is not None and self._small < at_least:
            return  # known without a listing, which every trial that ends would wait for
        small = [path for path in self.paths() if _size(path) < SMALL_BYTES]
        self._small = len(small)
        if len(small) >= max(at_least, 2):
            self.replace(small, each(self.read, small))

    def replace(self, old: Sequence[Place], tables: Iterator[pa.Table]) -> None:
        """Write ``tables`` as one part, then remove the ``old`` parts."""
        self._write_tables(f"{MERGED}{uuid.uuid4().hex[:12]}", tables, dense=True)
        for _ in each(lambda path: path.unlink(missing_ok=True), old):
            pass
        self._small = None

    def _read_if_whole(self, path: Place, names: Sequence[str]) -> pa.Table | None:
        try:
            return self.read(path, names)
        except (OSError, pa.ArrowException):
            return None

    def _write_tables(self, stem: str, tables: Iterator[pa.Table], *, dense: bool = False) -> None:
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
            for group in _grouped(tables):
                writer.write_table(group)


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
