"""A space given as a dict: its values as the nodes that reading a file would give.

So a dict is checked by the same code as a file. Its nodes have no line: a fault names the dotted
key alone.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any

import yaml

from search.errors import cut
from search.space.findings import Findings, Path
from search.space.reading.nodes import DEEPEST, MOST_NODES, PREFIX, TOO_DEEP, TOO_MANY, position_of

SOURCE = "the space"
"""What messages call a space that is no file."""

_EXPECTED = "text, a number, True, False, None, a list or a dict"
_LONGEST_SHOWN = 80
_BREAKS = frozenset("\x85\u2028\u2029\ufeff")  # PyYAML writes them as they are, but reads a break


def compose_values(values: Mapping[Any, Any], *, findings: Findings) -> yaml.MappingNode:
    """Return the node of a space given as a dict; values that no file could hold are noted.

    Tuples count as lists, numpy's numbers as Python's, and paths as text. Anything else that is not
    plain data (an array, a set, a function, an object of options) is rejected.

    Args:
        values: the keys and values of a space file.
        findings: the faults found so far.

    Raises:
        SpaceError: a value is not plain data, or there are too many of them.
    """
    node = _Composer(findings).node(values, path=())
    findings.raise_any()
    assert isinstance(node, yaml.MappingNode)
    return node


def described(value: object) -> str:
    """Return a value with its type, cut to a length that a message shows."""
    kind = type(value)
    room = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{cut(' '.join(repr(value).split()), _LONGEST_SHOWN)} ({room}{kind.__qualname__})"


class _Composer:
    """Makes nodes of values, in bounded time and memory."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._count = 0

    def node(self, value: object, *, path: Path, depth: int = 1) -> yaml.Node:
        """Return the node of a value; one that is rejected becomes null."""
        mark = self._mark()
        if self._count > MOST_NODES or depth > DEEPEST:
            limit = TOO_DEEP if depth > DEEPEST else TOO_MANY
            self._refuse(path, f"not a space: {limit}", mark=mark)
            self._findings.raise_any()
        value = _plain(value)
        if isinstance(value, Mapping):
            pairs = [
                (self._key(key, path), self.node(each, path=(*path, str(key)), depth=depth + 1))
                for key, each in value.items()
            ]
            return yaml.MappingNode(PREFIX + "map", pairs, mark, mark)
        if isinstance(value, list | tuple):
            items = [
                self.node(each, path=(*path, place), depth=depth + 1)
                for place, each in enumerate(value)
            ]
            return yaml.SequenceNode(PREFIX + "seq", items, mark, mark)
        found = _scalar(value)
        if found is None:
            what = f"not plain data: {described(value)}"
            self._refuse(path, what, mark=mark, expected=_expected(value))
        tag, text = found or ("null", "")
        return _scalar_node(PREFIX + tag, text, mark=mark)

    def _key(self, key: object, above: Path) -> yaml.ScalarNode:
        mark = self._mark()
        if not isinstance(key, str):
            what = f"a key that is no text: {described(key)}"
            self._refuse(above, what, mark=mark, expected="text")
        return _scalar_node(PREFIX + "str", _text(key), mark=mark)

    def _mark(self) -> yaml.Mark:
        """Return the mark of the next node: no line, its place in the dict as column."""
        self._count += 1
        return yaml.Mark(SOURCE, 0, -1, self._count, None, 0)

    def _refuse(self, path: Path, problem: str, *, mark: yaml.Mark, expected: str = "") -> None:
        position = position_of(yaml.ScalarNode("", "", mark, mark))
        self._findings.add(position, path, problem=problem, expected=expected)


def _scalar_node(tag: str, text: str, *, mark: yaml.Mark) -> yaml.ScalarNode:
    """Return a node that is written in quotes where YAML would read something else without."""
    style = '"' if text == "<<" or not _BREAKS.isdisjoint(text) else None
    return yaml.ScalarNode(tag, text, mark, mark, style=style)


def _plain(value: object) -> object:
    """Return a path as text and a number of numpy as one of Python; other values as they are."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    numpy = sys.modules.get("numpy")  # without it no value can be of numpy
    return value.item() if numpy is not None and isinstance(value, numpy.generic) else value


def _scalar(value: object) -> tuple[str, str] | None:
    """Return tag and text of a single value; None for what a space cannot hold."""
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "bool", str(value).lower()
    if isinstance(value, int):
        return "int", int.__repr__(value)
    if isinstance(value, float):
        return "float", float.__repr__(value)
    return ("str", _text(value)) if isinstance(value, str) else None


def _text(value: object) -> str:
    """Return text without what a subclass, such as an enumeration, makes of it."""
    return str.__str__(value) if isinstance(value, str) else str(value)


def _expected(value: object) -> str:
    if hasattr(value, "tolist"):
        return f"{_EXPECTED}; .tolist() makes a list of an array"
    if isinstance(value, set | frozenset | range):
        return f"{_EXPECTED}; list(...) makes a list of it"
    return f"{_EXPECTED}; .model_dump() makes a dict" if hasattr(value, "model_dump") else _EXPECTED
