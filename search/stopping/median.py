"""The median rule: a trial that is behind the average of most others stops.

Source: Golovin et al., Google Vizier (KDD 2017), section 3.2.2: a trial stops at an epoch if its
best value so far is worse than the median of the running averages of other trials up to
that epoch. Running trials count as well, with the epochs up to that one.

Why not Ray's: a continued run rebuilds the averages from the ledger. At every report Ray's
MedianStoppingRule averages all results of all trials anew, and it may pause a trial while there are
too few others; here the running averages of each epoch are kept sorted, and no trial waits.
"""

import math
from bisect import insort
from dataclasses import dataclass


@dataclass(slots=True)
class _Course:
    """The recorded scores of one trial: their sum, number and best, and the last epoch."""

    total: float = 0.0
    count: int = 0
    best: float = -math.inf
    epoch: int = 0


class Median:
    """Compare each trial with the others at the same epoch.

    Args:
        min_epochs: the first epoch at which a trial may stop, at least 1.
        min_trials: how many other trials must have a score at that epoch, at least 1.
    """

    def __init__(self, min_epochs: int, min_trials: int) -> None:
        self._min_epochs, self._min_trials = min_epochs, min_trials
        self._courses: dict[str, _Course] = {}
        self._averages: dict[int, list[float]] = {}

    def record_and_decide(self, key: str, epoch: int, *, score: float) -> bool:
        """Record a score (greater is better) and return whether the trial should stop.

        An epoch that is recorded again changes nothing; a score that is NaN is not recorded.
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
