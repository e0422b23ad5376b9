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
        repeats: how often a run is called for one timing: more than once where it takes less than
            10 ms. Its time is that of one call.
        share: True divides ours by base, False base by ours.
        aim: the bound of this ratio; None without an aim.
    """

    name: str
    ours: Run
    base: Run
    against: str = "plain implementation"
    pairs: int = 15
    repeats: int = 1
    share: bool = False
    aim: Aim | None = None


def timed(run: Run, repeats: int = 1) -> Times:
    """Call ``run`` ``repeats`` times and return the seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Times(cpu=cpu / repeats, wall=wall / repeats)


def interleaved(
    ours: Run, base: Run, *, pairs: int, warm_up: int = 2, repeats: int = 1
) -> list[tuple[Times, Times]]:
    """Return the times of ``pairs`` pairs (ours, base); every other pair starts with ``base``.

    Args:
        ours: the run of this project.
        base: the run that it is compared with.
        pairs: number of pairs that are kept.
        warm_up: number of pairs before them that are thrown away.
        repeats: how often a run is called for one timing.
    """
    found = []
    for number in range(warm_up + pairs):
        if number % 2:
            second, first = timed(base, repeats), timed(ours, repeats)
        else:
            first, second = timed(ours, repeats), timed(base, repeats)
        found.append((first, second))
    return found[warm_up:]


def row_of(case: Case, measured: list[tuple[Times, Times]]) -> Row:
    """Return the row of measured pairs (ours, base): medians of both and of their ratios."""
    seconds = statistics.median(first.cpu for first, _ in measured)
    unit, factor = ("CPU s", 1.0) if seconds >= 1 else ("CPU ms", 1e3)
    ratios = [Times(cpu=b.cpu / a.cpu, wall=b.wall / a.wall) for a, b in measured]
    if case.share:
        ratios = [Times(cpu=1 / ratio.cpu, wall=1 / ratio.wall) for ratio in ratios]
    return Row(
        case=case.name,
        ours=factor * seconds,
        unit=unit,
        base=factor * statistics.median(second.cpu for _, second in measured),
        against=case.against,
        ratio=statistics.median(ratio.cpu for ratio in ratios),
        wall=statistics.median(ratio.wall for ratio in ratios),
        pairs=len(measured),
        aim=case.aim,
    )


def compare(case: Case, *, quick: bool = False) -> Row:
    """Return the row of a case; with ``quick`` of one pair without warm-up."""
    pairs, warm_up, repeats = (
        (1, 0, 1) if quick else (case.pairs, min(2, case.pairs // 3), case.repeats)
    )
    measured = interleaved(case.ours, case.base, pairs=pairs, warm_up=warm_up, repeats=repeats)
    return row_of(case, measured)
