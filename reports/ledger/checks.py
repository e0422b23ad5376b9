"""The parts that a reader has checked; a part never changes, so it is checked once."""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.ledger.places.storage import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The part of this size is in order.

    Attributes:
        size: the size of the file in bytes, None where it is not known.
        without_checksum: how many parts without checksums it is or was merged from, at least 0.
        columns: the columns whose values follow the rules in every row.
    """

    size: int | None
    without_checksum: int
    columns: frozenset[str]


class Checks:
    """The parts of a table whose checksums and values have been checked.

    ``read_part`` checks neither again for a part of the same path and size. It checks the checksums
    of pages at every read.
    """

    def __init__(self) -> None:
        self._found: dict[Place, Check] = {}

    def find(self, path: Place, size: int | None) -> Check | None:
        """Return the check of a part of this size, None where it has not been checked."""
        found = self._found.get(path)
        return found if found is not None and size is not None and found.size == size else None

    def without_checksum(self, path: Place) -> int | None:
        """Return how many parts without checksums a part is or was merged from, None if unknown."""
        found = self._found.get(path)
        return None if found is None else found.without_checksum

    def add(
        self, path: Place, size: int | None, *, without_checksum: int, columns: Iterable[str]
    ) -> None:
        """Add a checked part, or more checked columns of a known part."""
        known = self.find(path, size)
        earlier = known.columns if known else frozenset()
        self._found[path] = Check(
            size=size, without_checksum=without_checksum, columns=earlier.union(columns)
        )

    def forget(self, path: Place) -> None:
        """Let the next read check this part again."""
        self._found.pop(path, None)
