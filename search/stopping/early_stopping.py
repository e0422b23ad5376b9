"""Stopping poor trials of a search early, by the scheduler that the space names.

A decision depends only on the values recorded before it, in their order. A continued run records
the values of its ledger in the order of the suggestions; the rule then has the same state as in a
run that was never cut off and that computed one trial at a time.

The rules are our own and not Ray's schedulers, since a continued run rebuilds the state of a rule
from the ledger, value by value. Ray's read every earlier score again at each report (ASHA, median),
draw a trial's bracket from a global random generator (ASHA) or pause trials (Hyperband, median).
The docstring of each rule's module says more.
"""

from typing import TYPE_CHECKING

from search.stopping.halving import Halving
from search.stopping.hyperband import Hyperband
from search.stopping.median import Median

if TYPE_CHECKING:
    from search.space.sections import SearchConfig


class EarlyStopping:
    """Decide after each epoch, by the primary objective, whether a trial should stop.

    Args:
        search: the space's search section; one with scheduler ``none`` stops no trial.
        max_epochs: the most epochs of one trial, at least 1.
    """

    def __init__(self, search: "SearchConfig", max_epochs: int) -> None:
        self._sign = 1.0 if search.primary.mode == "max" else -1.0
        self._rule = _rule(search, max_epochs)

    def record_and_decide(self, key: str, number: int, *, epoch: int, value: float) -> bool:
        """Record a value and return whether the trial should stop after this epoch.

        An epoch that is recorded again changes nothing.

        Args:
            key: the trial's key.
            number: the number of its suggestion, from 0.
            epoch: the epoch that has ended, from 1.
            value: the primary objective after that epoch.
        """
        score = self._sign * value
        match self._rule:
            case None:
                return False
            case Hyperband() as hyperband:
                return hyperband.record_and_decide(key, number, epoch=epoch, score=score)
            case Halving() | Median() as rule:
                return rule.record_and_decide(key, epoch, score=score)


def _rule(search: "SearchConfig", max_epochs: int) -> Halving | Hyperband | Median | None:
    options = search.scheduler
    first = min(options.min_epochs, max_epochs)
    match options.name:
        case "asha":
            return Halving(first, options.reduction, max_epochs=max_epochs)
        case "hyperband":
            return Hyperband(first, options.reduction, max_epochs=max_epochs)
        case "median":
            return Median(options.min_epochs, options.min_trials)
        case "none":
            return None
