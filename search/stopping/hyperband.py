"""Asynchronous Hyperband: several brackets of successive halving side by side.

Source: Li et al., Hyperband (JMLR 2018) for the brackets and their sizes; Li et al., A System
for Massively Parallel Hyperparameter Tuning (MLSys 2020) for running each one asynchronously.

Why not Ray's: its HyperBandScheduler is the synchronous one, which pauses trials until a bracket is
full; here trials never wait. The number of a trial's suggestion decides its bracket, so a run that
was cut off decides as an undisturbed one.
"""

from collections.abc import Sequence

from search.stopping.halving import Halving


class Hyperband:
    """Distribute the trials over brackets of successive halving.

    Args:
        min_epochs: the first rung of the strictest bracket in epochs, at least 1.
        reduction: one trial in this many continues after a rung, and the first rung of the next
            bracket comes after this many times as many epochs; at least 2.
        max_epochs: the most epochs of one trial, at least ``min_epochs``.
    """

    def __init__(self, min_epochs: int, reduction: int, *, max_epochs: int) -> None:
        firsts = [min_epochs]
        while firsts[-1] * reduction <= max_epochs:
            firsts.append(firsts[-1] * reduction)
        self._turns = turns(sizes(len(firsts), reduction))
        self._brackets = [
            *(Halving(first, reduction, max_epochs=max_epochs) for first in firsts[:-1]),
            None,  # runs its trials to their end
        ]

    def bracket(self, number: int) -> int:
        """Return the bracket of suggestion ``number``; bracket 0 has the earliest rung."""
        return self._turns[number % len(self._turns)]

    def record_and_decide(self, key: str, number: int, *, epoch: int, score: float) -> bool:
        """Record a score (greater is better) and return whether the trial should stop.

        Args:
            key: the trial's key.
            number: the number of its suggestion, from 0.
            epoch: the epoch that has ended, from 1.
            score: the objective after that epoch, with the sign that makes greater better.
        """
        bracket = self._brackets[self.bracket(number)]
        return bracket is not None and bracket.record_and_decide(key, epoch, score=score)


def sizes(brackets: int, reduction: int) -> list[int]:
    """Return how many trials of one round each bracket takes; all brackets cost about the same.

    Bracket i of s + 1 takes ceil((s + 1) / (s - i + 1) * reduction^(s - i)).

    >>> sizes(3, 3)  # 3/3 * 9, 3/2 * 3, 3/1 * 1
    [9, 5, 3]
    """
    return [-(-brackets * reduction**power // (power + 1)) for power in reversed(range(brackets))]


def turns(counts: Sequence[int]) -> list[int]:
    """Return a round in which place i occurs ``counts[i]`` times, spread evenly.

    >>> turns([4, 2])
    [0, 1, 0, 0, 1, 0]
    """
    places = [
        ((turn + 0.5) / count, place) for place, count in enumerate(counts) for turn in range(count)
    ]
    return [place for _, place in sorted(places)]
