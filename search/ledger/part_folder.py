"""One table of a run: a folder of Parquet parts that appear whole or not at all.

A part appears when it is whole: on a disk it is written under a temporary name and renamed, in an
object store it is one upload. Many small parts are merged into a larger one, many of those into
one larger still, so that a row is written a few times however long the run. The larger part
appears first, the small ones go after: a reader meanwhile sees equal rows twice but never misses
one.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reports.ledger.checks import Checks
from reports.ledger.checksums import add_checksum
from reports.ledger.part import MERGED, UNGUARDED, Part, check_large, read_part
from reports.ledger.parts import Parts, read_parts
from reports.ledger.places.storage import TEMPORARY, Place, each, size_of, whole_file

SUFFIX = ".parquet"
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

    Attributes:
        damaged: a line for each part that was left out so far, naming it and why.
    """

    def __init__(self, folder: Place, schema: pa.Schema) -> None:
        self.folder = folder
        self.schema = schema
        self.damaged: list[str] = []
        self._unmerged: int | None = None  # parts never merged; None before the first count
        self._kept: dict[Place, Part] = {}
        self._checks = Checks()

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

    def write_table(
        self, stem: str, table: pa.Table, *, dense: bool = False, unguarded: int = 0
    ) -> None:
        """Write one part of rows under the table's schema.

        Args:
            stem: name of the part.
            table: the rows.
            dense: take time to save bytes.
            unguarded: how many parts without checksums the rows come from.
        """
        self._write_groups(stem, [table], dense=dense, unguarded=lambda: unguarded)
        self._checks.forget(self.path(stem))
        self._unmerged = None if self._unmerged is None else self._unmerged + 1
        if self._unmerged is not None and table.nbytes <= KEPT_BYTES:
            self._kept[self.path(stem)] = Part(table, is_merged=False, unguarded=unguarded)

    def read(self, path: Place, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a part under the current schema: columns that it lacks are null.

        Raises:
            FileNotFoundError: there is no such part.
            DamagedPartError: it is not what a run writes.
            StorageError: an object store does not answer.
        """
        return read_part(path, self.schema, columns=columns, checks=self._checks).rows

    def check(self, path: Place, columns: Sequence[str] | None) -> None:
        """Compare a part of any size with its checksum, and these columns with the rules.

        Raises:
            FileNotFoundError: there is no such part.
            DamagedPartError: it is not what a run writes.
            StorageError: an object store does not answer.
        """
        check_large(path)
        self.read(path, columns)

    def read_all(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the rows of all parts; one that cannot be read is named in ``damaged``."""
        return self.read_parts(columns=columns).rows

    def read_parts(
        self, *, columns: Sequence[str] | None = None, keys: Collection[str] | None = None
    ) -> Parts:
        """Return all parts, or the rows that they hold of the trials ``keys``."""
        run, table = self.folder.parent, self.folder.name
        found = read_parts(
            run, table, keys, columns=columns, schema=self.schema, checks=self._checks
        )
        self.damaged += [line for line in found.damaged if line not in self.damaged]
        return found

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
            if (size_of(path) or 0) < SMALL_BYTES:
                tiers.setdefault(_tier(path), []).append(path)
        for tier, parts in tiers.items():
            if len(parts) >= max(at_least, 2):
                self.replace(parts, each(self._kept_or_read, parts), tier=tier + 1)
                tiers[tier] = []
        self._unmerged = len(tiers.get(0, ()))

    def replace(self, old: Sequence[Place], tables: Iterator[pa.Table], *, tier: int = 1) -> None:
        """Write ``tables`` as one part, merged ``tier`` times, then remove the ``old`` parts."""
        stem = f"{MERGED}{tier}-{uuid.uuid4().hex[:12]}"
        self._write_groups(
            stem, _grouped(tables), dense=True, unguarded=lambda: sum(each(self._unguarded, old))
        )
        for _ in each(lambda path: path.unlink(missing_ok=True), old):
            pass
        for path in old:
            self._kept.pop(path, None)
            self._checks.forget(path)
        self._unmerged = None

    def _kept_or_read(self, path: Place) -> pa.Table:
        kept = self._kept.get(path)
        if kept is not None:
            return kept.rows
        self._checks.forget(path)  # what is written anew gets a new checksum: check it as it is now
        return self.read(path)

    def _unguarded(self, path: Place) -> int:
        """Return how many parts without checksums a part is; one that was read is not again."""
        kept = self._kept.get(path)
        known = kept.unguarded if kept else self._checks.unguarded(path)
        if known is None:
            known = read_part(path, self.schema, columns=self.schema.names[:1]).unguarded
        return known

    def _write_groups(
        self,
        stem: str,
        groups: Iterable[pa.Table],
        *,
        dense: bool,
        unguarded: Callable[[], int],
    ) -> None:
        """Write a part; what costs time to save bytes is left to the merge of many.

        A merged part says how many parts without checksums it was made of: what they held may
        have been damaged before. ``unguarded`` counts them once all groups were read.
        """
        self.folder.mkdir(exist_ok=True)  # never the run's own folder, which may have been moved
        with whole_file(self.path(stem)) as file:
            with pq.ParquetWriter(
                file,
                self.schema,
                compression="zstd" if dense else "snappy",
                use_dictionary=dense,
                write_statistics=dense,
                write_page_checksum=True,
            ) as writer:
                for group in groups:
                    writer.write_table(group)
                writer.add_key_value_metadata({UNGUARDED: str(unguarded())})
            add_checksum(file)


def _tier(part: Place) -> int:
    """Return how often the rows of a part were merged, 1 at least for every merged part."""
    if not part.name.startswith(MERGED):
        return 0
    times, dash, _ = part.name.removeprefix(MERGED).partition("-")
    return int(times) if dash else 1


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
