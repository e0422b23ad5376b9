"""Stopping poor trials of a search early.

Whichever rule is chosen, it only ever learns from values by epoch in the order in which they
came; shown those of the ledger by number of suggestion, it stands where it stood at concurrency 1.
"""

from typing import TYPE_CHECKING

from search.stopping.halving import Halving
from search.stopping.hyperband import Hyperband
from search.stopping.median import Median

if TYPE_CHECKING:
    from search.space.sections import SearchConfig


class EarlyStopping:
    """Judge trials by the primary objective at each epoch.

    Args:
        search: of the space; without one, or with scheduler ``none``, nothing is ever stopped.
        max_epochs: most epochs of one trial.
    """

    def __init__(self, search: "SearchConfig | None", max_epochs: int) -> None:
        self._sign = 1.0 if search is None or search.primary.mode == "max" else -1.0
        self._rule = None if search is None else _rule(search, max_epochs)

    def stops(self, key: str, number: int, epoch: int, value: float) -> bool:
        """Return whether the trial ``key`` of suggestion ``number`` should stop after ``epoch``.

        An epoch that is shown again changes nothing.
        """
        score = self._sign * value
        match self._rule:
            case None:
                return False
            case Hyperband() as hyperband:
                return hyperband.stops(key, number, epoch, score)
            case Halving() | Median() as rule:
                return rule.stops(key, epoch, score)


def _rule(search: "SearchConfig", max_epochs: int) -> Halving | Hyperband | Median | None:
    options = search.scheduler
    first = min(options.min_epochs, max_epochs)
    match options.name:
        case "asha":
            return Halving(first, options.reduction, max_epochs)
        case "hyperband":
            return Hyperband(first, options.reduction, max_epochs)
        case "median":
            return Median(options.min_epochs, options.min_trials)
        case "none":
            return None
