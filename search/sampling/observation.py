"""What the study is told about a trial: its state, its values and its curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import TrialState

from reports.ledger import schema
from reports.ledger.goals import Goal
from reports.ledger.trials import Trial

STATES = {
    schema.FINISHED: TrialState.COMPLETE,
    schema.STOPPED: TrialState.PRUNED,
    schema.FAILED: TrialState.FAIL,
}
"""Status of a trial -> what the study calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the study hears about a trial.

    Attributes:
        state: COMPLETE, PRUNED (stopped early) or FAIL.
        values: each objective at the best epoch; None where there is none.
        curve: the primary objective by epoch.
    """

    state: TrialState
    values: Sequence[float | None] = ()
    curve: Sequence[float] = ()

    @property
    def final(self) -> list[float] | None:
        """Return the values of a whole trial, None for any other; Optuna takes no NaN."""
        found = [value for value in self.values if value is not None and math.isfinite(value)]
        whole = self.state is TrialState.COMPLETE and 0 < len(found) == len(self.values)
        return found if whole else None

    @property
    def optuna_state(self) -> TrialState:
        """Return the state for Optuna: a trial without a value only says to look elsewhere."""
        lacking = self.state is TrialState.COMPLETE and self.final is None
        return TrialState.FAIL if lacking else self.state

    @property
    def steps(self) -> dict[int, float]:
        """Return the value of each epoch that has one."""
        return {
            epoch: value for epoch, value in enumerate(self.curve, start=1) if math.isfinite(value)
        }


def to_observation(trial: Trial, curve: Sequence[float], goals: Sequence[Goal]) -> Observation:
    """Return what the study hears about a trial that stands in the ledger.

    Its values are those of the best epoch of ``training.monitor``: of the model that the trial
    would hand over.
    """
    values = tuple(goal.value(trial) for goal in goals)
    return Observation(state=STATES[trial.status], values=values, curve=tuple(curve))
