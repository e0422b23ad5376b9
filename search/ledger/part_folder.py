"""One table of a run: a folder of Parquet parts that appear whole or not at all.

A part appears when it is whole: on a disk it is written under a temporary name and renamed, in an
object store it is one upload. Many small parts are merged into a larger one, and many of those
into a still larger one, so that a row is written few times however long the run. The larger part
appears before the small ones are removed: a reader in between sees equal rows twice but never
misses one.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from reports.ledger.checks import Checks
from reports.ledger.checksums import add_checksum
from reports.ledger.part import (
    MERGED,
    WITHOUT_CHECKSUM,
    DamagedPartError,
    Part,
    check_large,
    read_part,
)
from reports.ledger.parts import Parts, read_each, read_parts
from reports.ledger.places.storage import TEMPORARY, Place, each, size_of, whole_file
from search.ledger.rows import Row

SUFFIX = ".parquet"
MERGE_COUNT = 64
"""How many parts of a table, all merged equally often, are merged into one."""
SMALL_BYTES = 16 * 2**20
"""A part of at least this size is never merged again."""
ROW_GROUP_BYTES = 32 * 2**20
KEPT_BYTES = 2**18
"""Rows of at most this size are kept in memory until they are merged, and not read again."""


class PartFolder:
    """The parts of one table.

    Args:
        folder: the folder of the parts, made on the first write.
        schema: the columns of the table.

    Attributes:
        damaged: a line for each part that reads have left out so far: its name and the reason.
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
        """Return the path of the part ``stem``."""
        return self.folder / f"{stem}{SUFFIX}"

    def write(self, stem: str, rows: Sequence[Row]) -> None:
        """Write one part of rows; it replaces an older part of that name."""
        columns = {name: [row.get(name) for row in rows] for name in self.schema.names}
        self.write_table(stem, pa.table(columns, schema=self.schema))

    def write_table(
        self, stem: str, table: pa.Table, *, dense: bool = False, without_checksum: int = 0
    ) -> None:
        """Write one part; it replaces an older part of that name.

        Args:
            stem: the name of the part, without its suffix.
            table: the rows, under the schema of the folder.
            dense: whether to take more time and save bytes.
            without_checksum: how many parts without checksums the rows come from, at least 0.
        """
        self._write_groups(stem, [table], dense=dense, without_checksum=lambda: without_checksum)
        self._checks.forget(self.path(stem))
        self._unmerged = None if self._unmerged is None else self._unmerged + 1
        if self._unmerged is not None and table.nbytes <= KEPT_BYTES:
            self._kept[self.path(stem)] = Part(
                rows=table, is_merged=False, without_checksum=without_checksum
            )

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
        """Return the rows of all parts; ``damaged`` names the parts that cannot be read."""
        return self.read_parts(columns=columns).rows

    def read_parts(
        self, *, columns: Sequence[str] | None = None, keys: Collection[str] | None = None
    ) -> Parts:
        """Return all parts; with ``keys``, the rows of these trials in them."""
        run, table = self.folder.parent, self.folder.name
        found = read_parts(
            run, table, keys=keys, columns=columns, schema=self.schema, checks=self._checks
        )
        self._note(found.damaged)
        return found

    def read_keys(self, columns: Sequence[str] | None = None) -> set[str]:
        """Return the keys of the trials in all parts; ``damaged`` names those that cannot be read.

        One part is in memory at a time, of an object store as many as it is asked for at once: the
        predictions of a long search have millions of rows.

        Args:
            columns: the columns whose values must follow the rules, ``key`` among them; all when
                None.
        """

        def read(path: Place) -> set[str] | Exception:
            try:
                held = self.read(path, columns)["key"]
            except (DamagedPartError, FileNotFoundError) as error:
                return error
            return {str(key) for key in pc.unique(held).to_pylist()}

        found, damaged = read_each(self.folder.parent, self.folder.name, read=read)
        self._note(damaged.values())
        return set().union(*found.values())

    def _note(self, damaged: Iterable[str]) -> None:
        self.damaged += [line for line in damaged if line not in self.damaged]

    def remove_temporary(self) -> None:
        """Remove the temporary files of a killed writer."""
        for path in self.folder.glob(f"*{TEMPORARY}"):
            path.unlink(missing_ok=True)

    def merge(self, *, at_least: int = MERGE_COUNT) -> None:
        """Merge the parts that were merged equally often once there are ``at_least`` of them."""
        if self._unmerged is not None and self._unmerged < at_least:
            return  # the count saves a listing after each trial
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
        """Write ``tables`` as one part that was merged ``tier`` times, then remove the ``old``."""
        stem = f"{MERGED}{tier}-{uuid.uuid4().hex[:12]}"
        self._write_groups(
            stem,
            _grouped(tables),
            dense=True,
            without_checksum=lambda: sum(each(self._without_checksum, old)),
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
        self._checks.forget(path)  # its rows get a new checksum, so check them as they are now
        return self.read(path)

    def _without_checksum(self, path: Place) -> int:
        """Return how many parts without checksums a part is or was merged from."""
        kept = self._kept.get(path)
        known = kept.without_checksum if kept else self._checks.without_checksum(path)
        if known is None:
            known = read_part(path, self.schema, columns=self.schema.names[:1]).without_checksum
        return known

    def _write_groups(
        self,
        stem: str,
        groups: Iterable[pa.Table],
        *,
        dense: bool,
        without_checksum: Callable[[], int],
    ) -> None:
        """Write a part. A single one is written fast; only a ``dense`` one is written small.

        A merged part records how many parts without checksums it was merged from, since their rows
        may have been damaged before. ``without_checksum`` counts them after all groups were read.
        """
        self.folder.mkdir(exist_ok=True)  # not the run folder, which may have been moved
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
                writer.add_key_value_metadata({WITHOUT_CHECKSUM: str(without_checksum())})
            add_checksum(file)


def _tier(part: Place) -> int:
    """Return how often the rows of a part were merged, at least 1 for a merged part."""
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
