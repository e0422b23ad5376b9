"""Successive halving: at each rung the best part of the trials goes on.

Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (MLSys 2020), with the
decision of Ray's AsyncHyperBandScheduler: a trial stops at a rung if it is worse than the
best 1/reduction of those seen there before it. Its own, since a run of thousands of trials is
taken up again by showing every rung its trials, for which Ray's takes quadratic time.
"""

import math
from bisect import insort


class Halving:
    """Judge trials at ``first``, ``first * reduction``, ... epochs.

    Args:
        first: epochs before the first judgement.
        reduction: one in so many goes on.
        max_epochs: of one trial.
    """

    def __init__(self, first: int, reduction: int, max_epochs: int) -> None:
        self._share = 1 - 1 / reduction
        self._rungs = [_Rung(epoch) for epoch in _milestones(first, reduction, max_epochs)]

    def stops(self, key: str, epoch: int, score: float) -> bool:
        """Return whether a trial of this ``score`` (greater is better) should stop.

        A rung judges a trial once: an epoch that is shown again changes nothing.
        """
        rung = next((rung for rung in reversed(self._rungs) if rung.epoch <= epoch), None)
        if rung is None or key in rung.judged:
            return False
        cutoff = rung.quantile(self._share)
        rung.add(key, score)
        return cutoff is not None and score < cutoff


class _Rung:
    """The scores seen at one epoch, ascending."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.judged: set[str] = set()
        self._scores: list[float] = []

    def add(self, key: str, score: float) -> None:
        self.judged.add(key)
        if not math.isnan(score):
            insort(self._scores, score)

    def quantile(self, share: float) -> float | None:
        """Return NumPy's linear quantile of the scores, None without any."""
        if not self._scores:
            return None
        place = (len(self._scores) - 1) * (share * 100 / 100)  # as a percentile is computed
        below = math.floor(place)
        low, high = self._scores[below], self._scores[min(below + 1, len(self._scores) - 1)]
        part = place - below
        return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _milestones(first: int, reduction: int, max_epochs: int) -> list[int]:
    epochs = [first]
    while epochs[-1] * reduction <= max_epochs:
        epochs.append(epochs[-1] * reduction)
    return epochs
