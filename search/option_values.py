"""The types of the option values that space files hold, samplers suggest and the ledger records."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

OptionValue: TypeAlias = (
    "bool | int | float | str | Sequence[OptionValue] | Mapping[str, OptionValue] | None"
)
"""A value of plain JSON data."""

Changes: TypeAlias = Mapping[str, OptionValue]
"""Dotted option -> its value, over the fixed values of a space."""
