"""Collecting all that is wrong with a file into one message."""

from dataclasses import dataclass, field
from pathlib import Path

from sugrm.errors import DataError
from sugrm.types import Split


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with one file."""

    path: Path
    found: list[str] = field(default_factory=list)

    def add(self, split: Split | None, key: str, got: str, expected: str, advice: str) -> None:
        """Note one problem of ``split[key]``; all words are for the user."""
        place = ".".join(part for part in (split, key) if part) or "the file"
        self.found.append(f"{place}: got {got}, expected {expected}; {advice}")

    def raise_if_any(self) -> None:
        """Raise all problems so far as one error.

        Raises:
            DataError: there is a problem.
        """
        if not self.found:
            return
        number = "1 problem" if len(self.found) == 1 else f"{len(self.found)} problems"
        lines = "\n".join(f"  {line}" for line in self.found)
        raise DataError(f"{self.path}: {number} in the feature file\n{lines}")
