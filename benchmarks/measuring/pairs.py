"""Timing two ways of computing the same in turn, so that a busy machine slows both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measuring.row import Aim, Row

Run = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of one run.

    Attributes:
        cpu: seconds of computing of the whole process, all threads together.
        wall: seconds by the clock.
    """

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Two runs to compare.

    Attributes:
        name: what both compute, in words.
        ours: the run of this project.
        base: the run that it is compared with.
        against: what ``base`` is, in words.
        pairs: how many pairs are timed, at least 1.
        aim: the bound of base / ours; None without an aim.
    """

    name: str
    ours: Run
    base: Run
    against: str = "plain implementation"
    pairs: int = 15
    aim: Aim | None = None


def timed(run: Run) -> Times:
    """Call ``run`` once and return its seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return Times(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


def interleaved(ours: Run, base: Run, *, pairs: int, warm_up: int = 2) -> list[tuple[Times, Times]]:
    """Return the times of ``pairs`` pairs (ours, base); every other pair starts with ``base``.

    Args:
        ours: the run of this project.
        base: the run that it is compared with.
        pairs: number of pairs that are kept.
        warm_up: number of pairs before them that are thrown away.
    """
    found = []
    for number in range(warm_up + pairs):
        if number % 2:
            second, first = timed(base), timed(ours)
        else:
            first, second = timed(ours), timed(base)
        found.append((first, second))
    return found[warm_up:]


def row_of(case: str, measured: list[tuple[Times, Times]], *, against: str, aim: Aim | None) -> Row:
    """Return the row of measured pairs (ours, base): medians of both and of their ratios."""
    seconds = statistics.median(first.cpu for first, _ in measured)
    unit, factor = ("CPU s", 1.0) if seconds >= 1 else ("CPU ms", 1e3)
    return Row(
        case=case,
        ours=factor * seconds,
        unit=unit,
        base=factor * statistics.median(second.cpu for _, second in measured),
        against=against,
        ratio=statistics.median(second.cpu / first.cpu for first, second in measured),
        wall=statistics.median(second.wall / first.wall for first, second in measured),
        pairs=len(measured),
        aim=aim,
    )


def compare(case: Case, *, quick: bool = False) -> Row:
    """Return the row of a case; with ``quick`` of one pair without warm-up."""
    pairs, warm_up = (1, 0) if quick else (case.pairs, 2)
    measured = interleaved(case.ours, case.base, pairs=pairs, warm_up=warm_up)
    return row_of(case.name, measured, against=case.against, aim=case.aim)
