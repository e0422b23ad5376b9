"""A table as its file has it: columns of plain values, and the place of each row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Keep = Callable[[str], bool]
"""Whether a column of that name is read."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Table:
    """A table.

    Attributes:
        path: its file.
        names: names of all its columns.
        columns: name of a column that is read -> a value for each row; None where the row has none.
        rows: for each row the line at which it begins, or its number from 1.
        unit: what ``rows`` counts: ``line`` or ``row``.
        classes: name of a column of class numbers -> the names of its classes.
    """

    path: Path
    names: Sequence[str]
    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    unit: str = "row"
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def place(self, row: int) -> str:
        """Return the place of a row, as messages say it."""
        return f"{self.unit} {self.rows[row]}"
