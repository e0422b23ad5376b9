"""Values of a file as numbers, sequences and names; None where they are something else."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.pickles.constructors import beyond_unicode
from sugrm.data.reading.raw import Array, Lengths

_NUMERIC = "biuf"
_SEPARATOR = "_"
_BEYOND_UNICODE = b"numbers beyond Unicode"
_LARGEST_NAME = 10**40


def numbers(value: object, rank: int) -> Array | None:
    """Return nested lists or an array of numbers with ``rank`` axes, none but the first of size 0.

    Axes of size 1 behind a column of numbers are dropped: [N, 1] and [N, 1, 1] are [N].
    """
    array = any_numbers(value)
    if array is None:
        return None
    if rank == 1 and array.ndim > 1 and set(array.shape[1:]) == {1}:
        array = array.reshape(-1)
    return array if array.ndim == rank and 0 not in array.shape[1:] else None


def sequences(value: object) -> list[Array] | None:
    """Return N sequences [T, D] of unequal T and one D."""
    if not isinstance(value, list | tuple | np.ndarray) or not count(value):
        return None
    found = [any_numbers(each) for each in value]
    given = [each for each in found if each is not None and each.ndim == 2]
    widths = {each.shape[1] for each in given if len(each)}
    if len(given) != len(found) or len(widths) != 1:
        return None
    (width,) = widths
    return [each.reshape(-1, width) if len(each) else np.zeros((0, width)) for each in given]


def shape_of(value: object) -> str:
    """Return type and shape of a value, as a message shows them."""
    array = any_numbers(value)
    if array is None:  # lists of unequal length, or no numbers
        return "no array of numbers"
    return f"{array.dtype} of shape {list(array.shape)}"


def whole_numbers(array: Array, most: int) -> tuple[Lengths, npt.NDArray[np.int64]]:
    """Return [N] as whole numbers, and the rows that are none from 0 to ``most``."""
    inside = (array >= 0) & (array <= most)  # false for NaN
    bad = np.flatnonzero(~(inside & (np.rint(array) == array)))
    clean = np.where(inside, np.nan_to_num(array), 0)
    return np.rint(clean).astype(np.int64), bad


def texts(value: object) -> tuple[list[str], object]:
    """Return N texts, and the first value that is no text; an empty text where all are."""
    if isinstance(value, np.ndarray) and beyond_unicode(value):
        return [], _BEYOND_UNICODE
    given: list[Any] = np.asarray(value, dtype=object).reshape(-1).tolist()
    found = [_text(each) for each in given]
    wrong = next((each for each, text in zip(given, found, strict=True) if text is None), "")
    return [text for text in found if text is not None], wrong


def names(value: object) -> tuple[list[str], object]:
    """Return N names of texts, bytes or numbers, or of rows of these; and what is no name.

    The columns of a row, as name, start and end in MulT's files, are joined to one name.
    """
    rows = value
    if isinstance(value, np.ndarray):
        if beyond_unicode(value):
            return [], _BEYOND_UNICODE
        rows = value.tolist()
    found: list[str] = []
    for row in rows if isinstance(rows, list | tuple) else ():
        parts = row.tolist() if isinstance(row, np.ndarray) and row.ndim else row
        columns = [_name(each) for each in (parts if isinstance(parts, list | tuple) else (row,))]
        if None in columns or not columns:
            return found, row
        found.append(_SEPARATOR.join(column for column in columns if column is not None))
    return found, ""


def is_wrong(found: object) -> bool:
    """Return whether what ``texts`` or ``names`` returned second is a value that is none."""
    return not (isinstance(found, str) and not found)


def any_numbers(value: object) -> Array | None:
    """Return nested lists or an array of numbers of any shape, None where it holds others."""
    try:
        if not _holds_numbers(value):
            return None
        array = np.asarray(value)
    # nested lists of unequal length or of great depth; 10**400 beside 0.5
    except (ValueError, OverflowError, RecursionError):
        return None
    return array if array.dtype.kind in _NUMERIC else None


def count(value: object) -> int:
    """Return the rows of a value, 0 where it has none."""
    if isinstance(value, np.ndarray):
        return int(value.shape[0]) if value.ndim else 0
    return len(value) if isinstance(value, list | tuple | str) else 0


def _holds_numbers(value: object) -> bool:
    """Return whether a value is an array, or lists of nothing but numbers and arrays."""
    if isinstance(value, list | tuple):
        return all(map(_holds_numbers, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in _NUMERIC
    return isinstance(value, np.number | np.bool_ | int | float)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    # half of a surrogate pair is no text, and cannot be stored
    if not isinstance(value, str) or any("\ud800" <= sign <= "\udfff" for sign in value):
        return None
    return str(value)


def _name(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < _LARGEST_NAME:  # true for NaN
            return None
        return str(int(value)) if value == int(value) else repr(value)
    return _text(value)
