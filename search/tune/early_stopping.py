"""Stopping poor trials of a search early: asynchronous successive halving.

Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (MLSys 2020), as Ray's
AsyncHyperBandScheduler has it, which stops a trial at a rung unless it is among the best
1/reduction of those seen there. Its rungs are filled again from the ledger when a run continues.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ray.tune.schedulers import AsyncHyperBandScheduler, TrialScheduler

if TYPE_CHECKING:
    from search.space.sections import SearchConfig

_TIME, _VALUE = "epoch", "value"
_NO_CONTROLLER: Any = None  # the scheduler looks at a trial's name alone


class EarlyStopping:
    """Judge trials by the objective's metric at each epoch.

    Args:
        search: of the space; without one, or with scheduler ``none``, nothing is ever stopped.
        max_epochs: most epochs of one trial.
    """

    def __init__(self, search: "SearchConfig | None", max_epochs: int) -> None:
        self._halving: AsyncHyperBandScheduler | None = None
        self._trials: dict[str, Any] = {}
        if search is not None and search.scheduler.name == "asha":
            self._halving = AsyncHyperBandScheduler(
                time_attr=_TIME,
                metric=_VALUE,
                mode=search.objective.mode,
                max_t=max_epochs,
                grace_period=min(search.scheduler.min_epochs, max_epochs),
                reduction_factor=search.scheduler.reduction,
                stop_last_trials=False,
            )

    def stops(self, key: str, epoch: int, value: float) -> bool:
        """Return whether the trial ``key`` should stop after ``epoch``; the rung remembers it.

        A rung judges a trial once: an epoch that is shown again changes nothing.
        """
        if self._halving is None:
            return False
        if key not in self._trials:
            self._trials[key] = SimpleNamespace(trial_id=key)
            self._halving.on_trial_add(_NO_CONTROLLER, self._trials[key])
        result = {_TIME: epoch, _VALUE: value}
        decision = self._halving.on_trial_result(_NO_CONTROLLER, self._trials[key], result)
        return bool(decision == TrialScheduler.STOP)
