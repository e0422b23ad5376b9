"""Labels of a table: numbers within the dataset's bound, no names of classes, no other scale."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.reading.label_columns import no_labels, within
from sugrm.data.reading.problems import Problems, shown, shown_keys
from sugrm.data.tables.table import Table

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+")
_LONGEST = 100  # characters of a number
Labels = npt.NDArray[np.float64]

_MISSING = ("", "nan", "null", "none", "na", "n/a")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelColumn:
    """A column of labels.

    Attributes:
        name: its name.
        table: its table.
        bound: labels lie in [-bound, bound].
    """

    name: str
    table: Table
    bound: float

    def read(self, problems: Problems) -> Labels:
        """Return [N] numbers; what is no number is noted, and NaN here."""
        given: Sequence[Any] = self.table.columns[self.name]
        found = [_number(value) for value in given]
        wrong = [row for row, value in enumerate(found) if value is None]
        missing = [row for row in wrong if _is_missing(given[row])]
        texts = [row for row in wrong if not _is_missing(given[row])]
        if missing:
            self._note(problems, missing, got="no label", advice="add the label or drop the row")
        if texts:
            self._note_texts(problems, texts)
        return _as_array(found)

    def read_known(self, problems: Problems) -> npt.NDArray[np.float32]:
        """Return [N] numbers, NaN where there is no label; other values are noted."""
        given = self.table.columns[self.name]
        found = [_number(value) for value in given]
        texts = [
            row for row, value in enumerate(found) if value is None and not _is_missing(given[row])
        ]
        if texts:
            self._note_texts(problems, texts)
        labels = _as_array(found)
        self.check_range(labels, problems)
        with np.errstate(over="ignore"):  # numbers beyond the bound are noted
            return labels.astype(np.float32)

    def known(self) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
        """Return [N] numbers, NaN where there is no label, and a remark where they are no labels.

        None is kept where one is no number, or beyond the bound.
        """
        given = self.table.columns[self.name]
        found = [_number(value) for value in given]
        texts = [
            value
            for value, number in zip(given, found, strict=True)
            if number is None and not _is_missing(value)
        ]
        if texts:
            remark = f"{self.name} is not read: got {shown(texts[0])}, expected numbers"
            return no_labels(len(found)), (remark,)
        return within(_as_array(found), name=self.name, bound=self.bound)

    def check_range(self, labels: Labels, problems: Problems) -> None:
        """Note numbers beyond the bound."""
        outside = np.flatnonzero(np.abs(labels) > self.bound).tolist()  # false for NaN
        if outside:
            advice = (
                f"map the labels to {self._limits}, or name a dataset with another label_bound "
                "(data.dataset)"
            )
            self._note(problems, outside, got=f"{labels[outside[0]]:g}", advice=advice)

    def note_scale(self, low: float, high: float, *, problems: Problems) -> None:
        """Note labels that are classes, or a scale without negative numbers."""
        classes = self.table.classes.get(self.name, ())
        named = f" (the classes {shown_keys(classes)})" if classes else ""
        middle = (low + high) / 2
        advice = (
            "subtract the middle of the scale, so that 0 is neutral, and name a dataset with "
            f"label_bound half its width (if it goes from {low:g} to {high:g}: subtract "
            f"{middle:g}, label_bound {high - middle:g}; data.dataset), or map them to "
            f"{self._limits}"
        )
        problems.add(
            None,
            self.name,
            got=f"whole numbers from {low:g} to {high:g} alone{named}",
            expected=f"sentiment in {self._limits}, below 0 where it is negative",
            advice=advice,
        )

    @property
    def _limits(self) -> str:
        return f"[-{self.bound:g}, {self.bound:g}]"

    def _note(self, problems: Problems, rows: Sequence[int], *, got: str, advice: str) -> None:
        problems.add(
            None,
            self.name,
            got=f"{got} in {self.table.place(rows[0])} ({len(rows)} such rows)",
            expected=f"a number in {self._limits}",
            advice=advice,
        )

    def _note_texts(self, problems: Problems, rows: Sequence[int]) -> None:
        given = self.table.columns[self.name]
        kinds = list(dict.fromkeys(str(given[row])[:40] for row in rows))
        advice = "write numbers, with a point"
        if any(_COMMA_NUMBER.fullmatch(kind.strip()) for kind in kinds):
            advice = "write a point in place of the comma, as 0.5"
        elif len(kinds) > 1 or not any(sign.isdigit() for sign in kinds[0]):
            advice = (
                f"map the classes ({shown_keys(kinds)}) to numbers, as -1, 0 and 1 for negative, "
                "neutral and positive, and name a dataset whose label_bound they have "
                "(data.dataset)"
            )
        self._note(problems, rows, got=shown(given[rows[0]]), advice=advice)


def read_labels(
    columns: Sequence[LabelColumn], problems: Problems
) -> list[npt.NDArray[np.float32]]:
    """Return the labels of one column in each of several tables; what is wrong is noted.

    Only all tables together tell whether the labels are classes or another scale.
    """
    found = [column.read(problems) for column in columns]
    known = np.concatenate([labels[~np.isnan(labels)] for labels in found])
    if _is_scale(known):
        columns[0].note_scale(known.min(), known.max(), problems=problems)
    else:
        for column, labels in zip(columns, found, strict=True):
            column.check_range(labels, problems)
    with np.errstate(over="ignore"):  # numbers beyond the bound are noted
        return [labels.astype(np.float32) for labels in found]


def _is_scale(labels: Labels) -> bool:
    """Whether labels are classes 0, 1, ... or a scale as 1 to 5: whole numbers, none below 0."""
    if not len(labels) or labels.min() < 0 or labels.min() == labels.max():
        return False
    return bool((np.rint(labels) == labels).all())


def _as_array(values: Sequence[float | None]) -> Labels:
    return np.array([math.nan if value is None else value for value in values], np.float64)


def _is_missing(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _MISSING
    return value is None or (isinstance(value, float) and math.isnan(value))


def _number(value: object) -> float | None:
    """Return a label as a number, None for another value and NaN; ``True`` is a class."""
    if isinstance(value, str):
        text = value.strip()
        return float(text) if len(text) <= _LONGEST and _NUMBER.fullmatch(text) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return None if math.isnan(value) else float(value)
        except OverflowError:
            return math.inf
    return None
