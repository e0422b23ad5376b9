"""Asynchronous Hyperband: several brackets of successive halving side by side.

Source: Li et al., Hyperband (JMLR 2018) for the brackets and their sizes; Li et al., A System
for Massively Parallel Hyperparameter Tuning (MLSys 2020) for running each one asynchronously.
Ray's HyperBandScheduler is the synchronous one, which pauses trials until a bracket is full; here
trials never wait. A trial's bracket follows from the number of its suggestion, so that
a run which was cut off judges as the undisturbed one.
"""

from collections.abc import Sequence

from search.stopping.halving import Halving


class Hyperband:
    """Share the trials among brackets.

    Args:
        min_epochs: before the first judgement of the strictest bracket.
        reduction: of every bracket, and between the first judgements of two.
        max_epochs: of one trial.
    """

    def __init__(self, min_epochs: int, reduction: int, max_epochs: int) -> None:
        firsts = [min_epochs]
        while firsts[-1] * reduction <= max_epochs:
            firsts.append(firsts[-1] * reduction)
        self._turns = turns(sizes(len(firsts), reduction))
        self._brackets = [
            *(Halving(first, reduction, max_epochs) for first in firsts[:-1]),
            None,  # runs its trials to their end
        ]

    def bracket(self, number: int) -> int:
        """Return the bracket of suggestion ``number``; 0 judges first."""
        return self._turns[number % len(self._turns)]

    def stops(self, key: str, number: int, epoch: int, score: float) -> bool:
        """Return whether a trial of this ``score`` (greater is better) should stop."""
        bracket = self._brackets[self.bracket(number)]
        return bracket is not None and bracket.stops(key, epoch, score)


def sizes(brackets: int, reduction: int) -> list[int]:
    """Return how many trials of one round each bracket takes, so that all cost about the same.

    Bracket i of s + 1 takes ceil((s + 1) / (s - i + 1) * reduction^(s - i)).

    >>> sizes(3, 3)  # 3/3 * 9, 3/2 * 3, 3/1 * 1
    [9, 5, 3]
    """
    return [-(-brackets * reduction**power // (power + 1)) for power in reversed(range(brackets))]


def turns(counts: Sequence[int]) -> list[int]:
    """Return one round of places, in which each of ``counts`` is spread evenly.

    >>> turns([4, 2])
    [0, 1, 0, 0, 1, 0]
    """
    places = [
        ((turn + 0.5) / count, place) for place, count in enumerate(counts) for turn in range(count)
    ]
    return [place for _, place in sorted(places)]
