"""Errors of ``search``.

SearchError
└── SpaceError      a space file or its overrides are refused
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SearchError(Exception):
    """The root of every error that ``search`` raises for its user."""


class RunTerminated(KeyboardInterrupt):
    """SIGTERM broke a run off; the same command continues it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a space.

    Attributes:
        where: ``file:line:column``, or the override that brought the value.
        key: dotted path of the value; empty where the fault has none.
        problem: what is wrong.
        got: the value, as text; empty where the fault shows it already.
        expected: the rule, as text.
        suggestion: the nearest allowed name.
    """

    where: str
    key: str
    problem: str
    got: str = ""
    expected: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        """Return the fault as one line."""
        subject = f"{self.where}: {self.key}: " if self.key else f"{self.where}: "
        parts = [
            self.problem,
            f"got {self.got}" if self.got else "",
            f"expected {self.expected}" if self.expected else "",
            f"did you mean {self.suggestion}?" if self.suggestion else "",
        ]
        return subject + "; ".join(part for part in parts if part)


class SpaceError(SearchError):
    """A space is refused; the message has a line for each of its ``problems``."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems, in the order of the file."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
