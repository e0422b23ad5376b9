"""One line of the table of speed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A bound for a row.

    Attributes:
        kind: whether the bound is the least or the most that meets the aim.
        bound: the bound, in the unit of what it is compared with.
    """

    kind: Literal["at least", "at most"]
    bound: float

    def met(self, number: float) -> bool:
        """Return whether ``number`` meets the aim."""
        return number >= self.bound if self.kind == "at least" else number <= self.bound


def at_least(bound: float) -> Aim:
    """Return an aim that numbers of ``bound`` or more meet."""
    return Aim(kind="at least", bound=bound)


def at_most(bound: float) -> Aim:
    """Return an aim that numbers of ``bound`` or less meet."""
    return Aim(kind="at most", bound=bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measured number, and the number that it is compared with.

    Attributes:
        case: what was measured, in words.
        ours: the number of this project.
        unit: of ``ours`` and ``base``: "CPU ms", "CPU s", "s", "MiB", "dispatches", "trials/s".
        base: the number that it is compared with; None where ``ours`` stands alone.
        against: what ``base`` measured.
        ratio: the median of the pairs' ratios base / ours, of a share ours / base; None without.
        wall: the median ratio of the pairs' wall clock times; None where none was taken.
        pairs: how many pairs were timed; 0 for a number that does not vary.
        aim: the bound of the ratio, of ``ours`` where there is no ratio; None without an aim.
    """

    case: str
    ours: float
    unit: str
    base: float | None = None
    against: str = ""
    ratio: float | None = None
    wall: float | None = None
    pairs: int = 0
    aim: Aim | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without an aim."""
        if self.aim is None:
            return None
        return self.aim.met(self.ours if self.ratio is None else self.ratio)
