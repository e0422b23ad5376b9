"""What a reader remembers of the parts that it has checked: a part never changes."""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.ledger.places.storage import Place


@dataclass(frozen=True, slots=True)
class Check:
    """What was found in order in a part.

    Attributes:
        size: of the file in bytes, None where it is not known.
        unguarded: how many parts without checksums it is, or was merged from.
        columns: whose values follow the rules in every row.
    """

    size: int | None
    unguarded: int
    columns: frozenset[str]


class Checks:
    """The parts of a table that were compared with their checksums and rules.

    ``read_part`` does neither again for a part of the same path and size. Checksums of pages it
    compares at every read.
    """

    def __init__(self) -> None:
        self._found: dict[Place, Check] = {}

    def find(self, path: Place, size: int | None) -> Check | None:
        """Return what is known of a part of this size."""
        found = self._found.get(path)
        return found if found is not None and size is not None and found.size == size else None

    def unguarded(self, path: Place) -> int | None:
        """Return how many parts without checksums a part is or was merged from, if known."""
        found = self._found.get(path)
        return None if found is None else found.unguarded

    def add(self, path: Place, size: int | None, unguarded: int, columns: Iterable[str]) -> None:
        """Remember a part, beside the columns that are known already."""
        known = self.find(path, size)
        earlier = known.columns if known else frozenset()
        self._found[path] = Check(size, unguarded, earlier.union(columns))

    def forget(self, path: Place) -> None:
        """Let the next read check this part again."""
        self._found.pop(path, None)
