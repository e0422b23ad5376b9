"""Successive halving: at each rung the best part of the trials goes on.

Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (MLSys 2020), with the
decision of Ray's AsyncHyperBandScheduler: a trial stops at a rung if it is worse than the
best 1/reduction of those recorded there before it; a test compares the two.

Why not Ray's: a continued run rebuilds each rung from the ledger. At every report Ray computes
the percentile of all scores of the rung anew, which takes quadratic time for thousands of trials;
here the scores are kept sorted. Ray also draws the bracket of a trial from NumPy's global
generator, whose state no ledger holds.
"""

import math
from bisect import insort


class Halving:
    """Decide at the rungs ``first``, ``first * reduction``, ... epochs.

    Args:
        first: the epoch of the first rung, at least 1.
        reduction: one trial in this many continues after a rung, at least 2.
        max_epochs: the most epochs of one trial, at least ``first``.
    """

    def __init__(self, first: int, reduction: int, *, max_epochs: int) -> None:
        self._share = 1 - 1 / reduction
        self._rungs = [
            _Rung(epoch) for epoch in _milestones(first, reduction, max_epochs=max_epochs)
        ]

    def record_and_decide(self, key: str, epoch: int, *, score: float) -> bool:
        """Record a score (greater is better) and return whether the trial should stop.

        A rung decides on a trial once: an epoch that is recorded again changes nothing.
        """
        rung = next((rung for rung in reversed(self._rungs) if rung.epoch <= epoch), None)
        if rung is None or key in rung.decided:
            return False
        cutoff = rung.quantile(self._share)
        rung.add(key, score)
        return cutoff is not None and score < cutoff


class _Rung:
    """The scores recorded at one epoch, ascending."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.decided: set[str] = set()
        self._scores: list[float] = []

    def add(self, key: str, score: float) -> None:
        self.decided.add(key)
        if not math.isnan(score):
            insort(self._scores, score)

    def quantile(self, share: float) -> float | None:
        """Return NumPy's linear quantile of the scores, None if there are none."""
        if not self._scores:
            return None
        place = (len(self._scores) - 1) * (share * 100 / 100)  # as a percentile is computed
        below = math.floor(place)
        low, high = self._scores[below], self._scores[min(below + 1, len(self._scores) - 1)]
        part = place - below
        return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _milestones(first: int, reduction: int, *, max_epochs: int) -> list[int]:
    epochs = [first]
    while epochs[-1] * reduction <= max_epochs:
        epochs.append(epochs[-1] * reduction)
    return epochs
