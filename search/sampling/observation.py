"""A trial as the study records it: its state, its values and its curve."""

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
"""Status of a trial in the ledger -> its state in an Optuna study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the study records about a trial that ended.

    Attributes:
        state: COMPLETE, PRUNED (stopped early) or FAIL.
        values: the value of each objective at the best epoch, None where it has none.
        curve: the value of the primary objective at each epoch, NaN where it has none.
    """

    state: TrialState
    values: Sequence[float | None] = ()
    curve: Sequence[float] = ()

    @property
    def final(self) -> list[float] | None:
        """Return the values of a finished trial; None for others and where a value is missing."""
        found = [value for value in self.values if value is not None and math.isfinite(value)]
        whole = self.state is TrialState.COMPLETE and 0 < len(found) == len(self.values)
        return found if whole else None

    @property
    def optuna_state(self) -> TrialState:
        """Return the state for Optuna: FAIL for a finished trial that lacks a value."""
        lacks_value = self.state is TrialState.COMPLETE and self.final is None
        return TrialState.FAIL if lacks_value else self.state

    @property
    def steps(self) -> dict[int, float]:
        """Return epoch -> value, for the epochs that have a finite value."""
        return {
            epoch: value for epoch, value in enumerate(self.curve, start=1) if math.isfinite(value)
        }


def to_observation(trial: Trial, curve: Sequence[float], *, goals: Sequence[Goal]) -> Observation:
    """Return what the study records about a trial of the ledger.

    Its values are those at the best epoch of ``training.monitor``: of the model that it keeps.
    """
    values = tuple(goal.value(trial) for goal in goals)
    return Observation(state=STATES[trial.status], values=values, curve=tuple(curve))
