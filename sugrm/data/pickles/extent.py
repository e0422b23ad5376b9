"""The size of a tree of plain values; a part that is referred to twice counts twice."""

from collections.abc import Iterable
from typing import Any

import numpy as np

DEEPEST = 64
"""Most levels of nested lists, tuples, dicts and arrays of objects."""


class ExtentError(ValueError):
    """A tree is too large, too deep, or contains itself."""


def check_extent(tree: object, most: int) -> None:
    """Raise an error where traversing ``tree`` would not end, or take too long.

    A few bytes can refer to one list ten times, and that list to another: each part is measured
    once here and counted as often as it is referred to.

    Args:
        tree: a tree of dicts, lists, tuples, sets, arrays and plain values.
        most: the most values, characters and array elements that the tree may hold.

    Raises:
        ExtentError: it holds more, nests deeper than ``DEEPEST``, or contains itself.
    """
    sizes: dict[int, int] = {}
    path = [_Level(tree)]
    open_levels = {id(tree)}
    while path:
        level = path[-1]
        below = level.next_unknown(sizes)
        if level.size > most:
            raise ExtentError(f"more than {most} values, most of them referred to many times")
        if below is None:
            path.pop()
            open_levels.discard(id(level.value))
            sizes[id(level.value)] = level.size
            if path:
                path[-1].size += level.size
            continue
        if id(below) in open_levels:
            raise ExtentError("a list or dict that contains itself")
        if len(path) == DEEPEST:
            raise ExtentError(f"values that nest more than {DEEPEST} deep")
        path.append(_Level(below))
        open_levels.add(id(below))


class _Level:
    """One container of the traversal: its unvisited members, and the size counted so far."""

    def __init__(self, value: object) -> None:
        self.value = value
        self._left = iter(_members(value))
        self.size = _own_size(value)

    def next_unknown(self, sizes: dict[int, int]) -> object | None:
        """Count members until one is a container that was not measured yet; None at the end."""
        for member in self._left:
            known = sizes.get(id(member)) if _is_container(member) else _own_size(member)
            if known is None:
                found: object = member
                return found
            self.size += known
        return None


def _is_container(value: object) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.dtype.hasobject)
    return isinstance(value, dict | list | tuple | set | frozenset)


def _members(value: Any) -> Iterable[Any]:  # noqa: ANN401
    if isinstance(value, np.ndarray):
        return value.reshape(-1).tolist() if value.dtype.hasobject else ()
    if isinstance(value, dict):
        return (part for pair in value.items() for part in pair)
    return value if _is_container(value) else ()


def _own_size(value: object) -> int:
    if isinstance(value, str | bytes | bytearray):
        return 1 + len(value)
    return int(value.size) if isinstance(value, np.ndarray) else 1
