"""Collecting every fault of a space, each with its position, before any is raised."""

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from search.errors import Problem, SpaceError, cut

Path = tuple[str | int, ...]
"""Keys and list positions from the top of a space to a value."""

_LONGEST_SHOWN = 80
_MOST_NAMED = 24  # names that a rule lists
_MOST_FAULTS = 100  # of one space: to find thousands of faults takes minutes


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Position:
    """The place of a value: line and column count from 1; both are 0 for an override.

    A value of a dict has the line 0 and its place in the dict as column, for the order of messages.
    """

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line:column``; of an override or a dict what was given."""
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


class Findings:
    """The faults found so far, at most one for each key at each position."""

    def __init__(self) -> None:
        """Start without a fault."""
        self._found: dict[tuple[Position, str], Problem] = {}

    def __len__(self) -> int:
        """Return how many faults were found."""
        return len(self._found)

    def add(
        self,
        position: Position,
        path: Path,
        *,
        problem: str,
        got: str = "",
        expected: str = "",
        suggestion: str = "",
    ) -> None:
        """Note a fault, unless the same key already has one there."""
        key = dotted(path)
        fault = Problem(str(position), key, problem, got, expected, suggestion)
        self._found.setdefault((position, key), fault)
        if len(self._found) >= _MOST_FAULTS:
            self.raise_any()

    def raise_any(self) -> None:
        """Raise ``SpaceError`` with all faults, in the order of the file, if there is one."""
        if self._found:
            found = [self._found[place] for place in sorted(self._found)]
            raise SpaceError(found, complete=len(found) < _MOST_FAULTS)


def dotted(path: Path) -> str:
    """Return ``("seeds", 1)`` as ``seeds[1]`` and ``("a", "b")`` as ``a.b``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def shown(value: object) -> str:
    """Return a value as a message shows it: text in quotes, long values cut."""
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return cut(text, _LONGEST_SHOWN)


def nearest(name: object, known: Iterable[str]) -> str:
    """Return the known name closest to a mistyped one, or nothing."""
    matches = difflib.get_close_matches(str(name), list(known), n=1)
    return matches[0] if matches else ""


def one_of(known: Iterable[str]) -> str:
    """Return the rule "one of ..." for a set of names; a long set is only counted."""
    names = list(known)
    return f"one of {', '.join(names)}" if 0 < len(names) <= _MOST_NAMED else ""
