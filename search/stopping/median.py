"""The median rule: a trial that is behind the average of most others stops.

Source: Golovin et al., Google Vizier (KDD 2017), section 3.2.2: a trial stops at an epoch if its
best value so far is worse than the median of the running averages of other trials up to
that epoch. Trials that still run count too, since at a rung they are as old as it is.
"""

import math
from bisect import insort
from dataclasses import dataclass


@dataclass(slots=True)
class _Course:
    """What one trial has shown: ``total`` of ``count`` scores, ``best`` one, ``epoch`` so far."""

    total: float = 0.0
    count: int = 0
    best: float = -math.inf
    epoch: int = 0


class Median:
    """Compare each trial with the others at the same epoch.

    Args:
        min_epochs: of a trial before it is judged.
        min_trials: others that must have come so far.
    """

    def __init__(self, min_epochs: int, min_trials: int) -> None:
        self._min_epochs, self._min_trials = min_epochs, min_trials
        self._courses: dict[str, _Course] = {}
        self._averages: dict[int, list[float]] = {}

    def stops(self, key: str, epoch: int, score: float) -> bool:
        """Return whether a trial of this ``score`` (greater is better) should stop.

        An epoch that is shown again changes nothing; a score that is NaN counts as not shown.
        """
        course = self._courses.setdefault(key, _Course())
        if epoch <= course.epoch:
            return False
        course.epoch = epoch
        if math.isnan(score):
            return False
        course.total, course.count = course.total + score, course.count + 1
        course.best = max(course.best, score)
        others = self._averages.setdefault(epoch, [])
        median = _median(others) if len(others) >= max(self._min_trials, 1) else -math.inf
        insort(others, course.total / course.count)
        return epoch >= self._min_epochs and course.best < median


def _median(ascending: list[float]) -> float:
    middle = len(ascending) // 2
    if len(ascending) % 2:
        return ascending[middle]
    return (ascending[middle - 1] + ascending[middle]) / 2
