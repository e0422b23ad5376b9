"""Errors of ``search``.

SearchError
├── SpaceError      a space file or its overrides are rejected
└── RayLostError    a process that a local Ray needs has died
"""

import signal
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_LINES = 50


class SearchError(Exception):
    """The base class of every error that ``search`` raises for its user."""


class RayLostError(SearchError):
    """A process that a local Ray needs has died; the same command continues the run."""


class RunTerminated(KeyboardInterrupt):
    """SIGTERM, SIGHUP, SIGUSR1 or SIGUSR2 ended a run; the same command continues it.

    Args:
        number: the number of the signal.
    """

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.number = number


class RunInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a run at its trials' checkpoints; the same call continues it."""


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
        where, key = cut(self.where, 200), cut(self.key, 150)
        subject = f"{where}: {key}: " if key else f"{where}: "
        parts = [
            cut(self.problem, 600),
            f"got {cut(self.got, 200)}" if self.got else "",
            *self._advice(),
        ]
        line = subject + "; ".join(part for part in parts if part)
        return line.replace("\r", "\\r").replace("\n", "\\n")

    def _advice(self) -> list[str]:
        return [
            f"expected {cut(self.expected, 500)}" if self.expected else "",
            f"did you mean {cut(self.suggestion, 100)}?" if self.suggestion else "",
        ]


@dataclass(frozen=True, slots=True)
class UnknownSpaceProblem(Problem):
    """A space that does not exist; the list of names is long, so the likely one comes first."""

    def _advice(self) -> list[str]:
        rule = cut(self.expected, 500)
        if not self.suggestion:
            return [f"expected {rule}"]
        return [f"did you mean {cut(self.suggestion, 100)}? Expected {rule}"]


class SpaceError(SearchError):
    """A space is rejected; the message has a line for each of its first ``problems``."""

    def __init__(self, problems: Sequence[Problem], *, complete: bool = True) -> None:
        """Keep the problems, in the order of the file.

        Args:
            problems: what was found.
            complete: whether that is all; False where the search ended at so many.
        """
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:_MOST_LINES]]
        more = len(self.problems) - len(lines)
        if more:
            lines.append(f"and {'' if complete else 'at least '}{more} more")
        super().__init__("\n".join(lines))


def cut(text: str, most: int) -> str:
    """Return ``text``, what is longer than ``most`` characters cut at its end.

    >>> cut("99999999", 6)
    '999...'
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."
