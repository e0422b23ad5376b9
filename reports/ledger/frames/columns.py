"""Columns of data frames: values that may be missing, in the dtype that suits them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

WHOLE = "Int64"
"""The dtype of whole numbers that may be missing."""
TEXT = "str"


def typed(values: Sequence[Any], dtype: str) -> "pd.Series[Any]":
    """Return values as a column of ``dtype``; None is a missing value."""
    import pandas as pd

    return pd.Series(list(values), dtype=dtype)


def fitting(values: Sequence[Any]) -> "pd.Series[Any]":
    """Return values in the dtype that holds all of them; None is a missing value.

    Numbers are ``float64``, or ``Int64`` if all are whole; truth values are ``boolean``, texts
    ``str``. Lists, and values of several kinds, stay Python objects.
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return typed(values, "boolean")
    if kinds == {int}:
        fits = all(abs(value) < 2**63 for value in values if value is not None)
        return typed(values, WHOLE if fits else "object")
    if kinds <= {int, float}:
        return typed(values, "float64")
    return typed(values, TEXT if kinds == {str} else "object")
