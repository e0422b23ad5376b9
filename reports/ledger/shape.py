"""Checking that a value read from JSON has the expected form."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Shape = Any
"""``str``, ``bool``, ``int``, ``float`` (any finite number), a dict of the shapes of known keys, a
list that holds the shape of its items, ``Each``, ``AnyOf`` or ``Rule``. A key whose value is null
counts as absent, so it fits; keys that a shape does not name may have any value."""


@dataclass(frozen=True, slots=True)
class Each:
    """The shape of every value of an object, whatever its keys."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Several shapes; a value fits if it has one of them."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape that a function decides.

    Attributes:
        holds: returns whether a value fits.
        expected: what the message says that was expected.
    """

    holds: Callable[[object], bool]
    expected: str


_NAMES = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


def mismatch(value: object, shape: Shape, *, where: str = "") -> str | None:
    """Return where and how ``value`` differs from ``shape``, None where it fits.

    >>> mismatch({"seeds": [1, "x"]}, {"seeds": [int]})
    "seeds.1 is 'x'; expected a whole number"
    """
    if isinstance(shape, AnyOf):
        found = [mismatch(value, one, where=where) for one in shape.shapes]
        return None if None in found else found[0]
    if isinstance(shape, Each | Mapping):
        return _in_object(value, shape, where=where)
    if isinstance(shape, list):
        return _in_list(value, shape[0], where=where)
    if isinstance(shape, Rule):
        return None if shape.holds(value) else _wrong(value, where, expected=shape.expected)
    return None if _fits(value, shape) else _wrong(value, where, expected=_NAMES[shape])


def needed_values(content: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return the values of these keys of an object.

    Raises:
        ValueError: one of them is missing, or null.
    """
    for name in names:
        if content.get(name) is None:
            raise ValueError(f"{name} is missing")
    return {name: content[name] for name in names}


def _is_time(value: object) -> bool:
    try:
        datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31


TIME = Rule(_is_time, "an ISO time")
COUNT = Rule(_is_count, "a count")
LIST = Rule(lambda value: isinstance(value, list), "a list")


def _in_object(value: object, shape: "Each | Mapping[str, Shape]", *, where: str) -> str | None:
    if not isinstance(value, dict):
        return _wrong(value, where, expected="an object")
    for key, member in value.items():
        inner = shape.shape if isinstance(shape, Each) else shape.get(key)
        if inner is not None and member is not None:
            found = mismatch(member, inner, where=f"{where}.{key}" if where else str(key))
            if found:
                return found
    return None


def _in_list(value: object, shape: Shape, *, where: str) -> str | None:
    if not isinstance(value, list):
        return _wrong(value, where, expected="a list")
    for place, item in enumerate(value):
        found = mismatch(item, shape, where=f"{where}.{place}" if where else str(place))
        if found:
            return found
    return None


def _fits(value: object, shape: type) -> bool:
    if isinstance(value, bool):
        return shape is bool
    if shape is float:
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, shape)


def _wrong(value: object, where: str, *, expected: str) -> str:
    got = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else None
    return f"{where or 'the whole'} is {got or f'{value!r:.40}'}; expected {expected}"
