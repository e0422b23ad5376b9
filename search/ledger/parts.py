"""One table of a run: a folder of Parquet parts that appear whole or not at all.

A part is written under a temporary name and renamed. Small parts are merged into larger ones:
the larger part appears first, the small ones go after, so that a reader meanwhile sees equal
rows twice but never misses one.
"""

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SUFFIX = ".parquet"
TEMPORARY = ".tmp"
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

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder = folder
        self.schema = schema

    def paths(self) -> list[Path]:
        """Return the parts, sorted by name."""
        return sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []

    def path(self, stem: str) -> Path:
        """Return where the part of that name lies."""
        return self.folder / f"{stem}{SUFFIX}"

    def write(self, stem: str, rows: Sequence[Row]) -> None:
        """Write one part; an older part of that name is replaced."""
        columns = {name: [row.get(name) for row in rows] for name in self.schema.names}
        self.write_table(stem, pa.table(columns, schema=self.schema))

    def write_table(self, stem: str, table: pa.Table) -> None:
        """Write one part of rows under the table's schema."""
        self._write_tables(stem, iter([table]))

    def read(self, path: Path, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a part under the current schema: columns that it lacks are null.

        Raises:
            OSError, pyarrow.ArrowException: the part is damaged.
        """
        names = list(columns or self.schema.names)
        with pq.ParquetFile(path) as part:
            stored = part.read(columns=[n for n in names if n in part.schema_arrow.names])
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
        tables = [empty]
        for path in self.paths():
            try:
                tables.append(self.read(path, names))
            except (OSError, pa.ArrowException):
                continue
        return pa.concat_tables(tables)

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
        small = [path for path in self.paths() if path.stat().st_size < SMALL_BYTES]
        if len(small) >= max(at_least, 2):
            self.replace(small, (self.read(path) for path in small))

    def replace(self, old: Sequence[Path], tables: Iterator[pa.Table]) -> None:
        """Write ``tables`` as one part, then remove the ``old`` parts."""
        self._write_tables(f"{MERGED}{uuid.uuid4().hex[:12]}", tables)
        for path in old:
            path.unlink(missing_ok=True)

    def _write_tables(self, stem: str, tables: Iterator[pa.Table]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f"{stem}{SUFFIX}{TEMPORARY}"
        with pq.ParquetWriter(temporary, self.schema, compression="zstd") as writer:
            for group in _grouped(tables):
                writer.write_table(group)
        os.replace(temporary, self.path(stem))


def _grouped(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Yield the tables joined into row groups: thousands of one-row groups read slowly."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(each.nbytes for each in waiting) >= ROW_GROUP_BYTES:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
