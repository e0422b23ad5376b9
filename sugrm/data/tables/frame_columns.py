"""Columns of a table to score that hold the features of each row as nested lists or arrays."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sugrm.data.reading import values
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown
from sugrm.data.reading.raw import Array
from sugrm.data.tables.columns import plain_name
from sugrm.data.tables.table import Table
from sugrm.errors import DataError
from sugrm.types import Modality

NAMES: Mapping[Modality, str] = {
    Modality.TEXT: "text_features",
    Modality.AUDIO: "audio",
    Modality.VISION: "vision",
}
"""Modality -> name of its column."""

Frames = Sequence[Array | None]
"""[T, D] features of each row, T at least 1; None where a row has none."""

_EXPECTED = "numbers [T, D], a list of D numbers for each of T steps"
_ADVICE = "store the features of each utterance so, without padding"


def find_frames(names: Sequence[str], reading: Reading) -> dict[Modality, str]:
    """Return the columns of features; those of the text only where they are read."""
    wanted = {name: modality for modality, name in NAMES.items()}
    if reading.text != "features":
        del wanted[NAMES[Modality.TEXT]]
    return {wanted[plain]: name for name in names if (plain := plain_name(name)) in wanted}


def read_frames(table: Table, name: str, *, problems: Problems) -> Frames | None:
    """Return the features in a column, None where it holds other values (as names of files).

    What is wrong is noted.
    """
    given = table.columns[name]
    if all(_is_elsewhere(value) or _is_missing(value) for value in given):
        return None
    found = [_array(value) for value in given]
    wrong = [row for row, each in enumerate(found) if each is None and not _is_missing(given[row])]
    if wrong:
        value = given[wrong[0]]
        got = values.shape_of(value) if _is_array(value) else shown(value)
        _note(problems, table, rows=wrong, name=name, got=got, expected=_EXPECTED)
    widths = {row: each.shape[1] for row, each in enumerate(found) if each is not None}
    first = next(iter(widths.values()), 0)
    if other := [row for row, width in widths.items() if width != first]:
        got, expected = f"width {widths[other[0]]}", f"{first}, as in other rows"
        _note(problems, table, rows=other, name=name, got=got, expected=expected)
    return found


def joined_frames(
    parts: Sequence[tuple[int, Mapping[Modality, Frames]]],
) -> dict[Modality, list[Array]]:
    """Return modality -> [T, D] of the rows of all tables, T = 0 where a row has none.

    Args:
        parts: for each table the number of its rows and its features.

    Raises:
        DataError: two tables have features of unequal width.
    """
    joined: dict[Modality, list[Array]] = {}
    for modality in Modality:
        rows = [row for count, given in parts for row in given.get(modality, [None] * count)]
        widths = {row.shape[1] for row in rows if row is not None}
        if len(widths) > 1:
            raise DataError(
                f"{modality}: the tables hold features {' and '.join(map(str, sorted(widths)))} "
                "wide; expected one width: extract all utterances with the same features"
            )
        if widths:
            none = np.zeros((0, *widths), np.float32)
            joined[modality] = [none if row is None else row for row in rows]
    return joined


def _note(
    problems: Problems, table: Table, *, rows: Sequence[int], name: str, got: str, expected: str
) -> None:
    where = f"{got} in {table.place(rows[0])} ({len(rows)} such rows)"
    problems.add(None, name, got=where, expected=expected, advice=_ADVICE)


def _is_array(value: object) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _is_elsewhere(value: object) -> bool:
    """Whether a value names a recording, or is one, as datasets of the hub hold them."""
    return isinstance(value, str | bytes | Mapping)


def _is_missing(value: object) -> bool:
    """Whether a row has no features: nothing, NaN or no steps."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (_is_array(value) and not values.count(value))


def _array(value: object) -> Array | None:
    rows = list(value) if isinstance(value, np.ndarray) and value.dtype == object else value
    return values.numbers(rows, 2) if _is_array(value) and not _is_missing(value) else None
