"""The search's memory: an Optuna study in this process, asked and told by hand.

Nothing of it is stored; it is rebuilt from the ledger. Suggestion n comes from a sampler seeded
by (sampler seed, n), so it depends only on n and on what the study was told before.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import optuna
from optuna.study import StudyDirection
from optuna.trial import TrialState

from search.space.samplers import make_sampler
from search.space.sections import SearchConfig
from search.space.suggest import distributions, encode, suggest_parameters

optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the study hears about a trial.

    Attributes:
        state: COMPLETE, PRUNED (stopped early) or FAIL.
        value: the objective at the best epoch; None if there is none.
        curve: the objective's metric by epoch.
    """

    state: TrialState
    value: float | None = None
    curve: Sequence[float] = field(default=())


class SearchStudy:
    """The study of one search.

    Args:
        search: the space's search section.

    Attributes:
        study: what Optuna knows.
    """

    def __init__(self, search: SearchConfig) -> None:
        self._search = search
        best = (
            StudyDirection.MINIMIZE if search.objective.mode == "min" else StudyDirection.MAXIMIZE
        )
        self.study = optuna.create_study(direction=best)

    def suggest(self, number: int) -> tuple[optuna.Trial, dict[str, Any]]:
        """Return a running trial and its dotted changes, as suggestion ``number``."""
        self.study.sampler = make_sampler(self._search.sampler, number)
        trial = self.study.ask()
        return trial, suggest_parameters(trial, self._search.parameters)

    def enter(self, values: Mapping[str, Any]) -> optuna.Trial:
        """Return a running trial of given values: a start point, or what was suggested before.

        ``values`` holds dotted options; those that the search does not vary, or not to that
        value, are unknown to the study.
        """
        known = {
            name: values[name]
            for name, parameter in self._search.parameters.items()
            if name in values and parameter.contains(values[name])
        }
        active = distributions(self._search.parameters, known)
        found = {name: value for name, value in active.items() if name in known}
        self.study.sampler = optuna.samplers.RandomSampler()  # draws nothing: all is given
        self.study.enqueue_trial(encode(self._search.parameters, known))
        return self.study.ask(fixed_distributions=found)

    def tell(self, trial: optuna.Trial, told: Told) -> None:
        """Tell the study how a trial ended."""
        for epoch, value in enumerate(told.curve, start=1):
            if math.isfinite(value):
                trial.report(value, epoch)
        if told.state is TrialState.COMPLETE and (
            told.value is None or not math.isfinite(told.value)
        ):
            # Optuna takes no NaN: a trial without a value teaches nothing but to look elsewhere.
            self.study.tell(trial, state=TrialState.FAIL)
        elif told.state is TrialState.COMPLETE:
            self.study.tell(trial, told.value)
        else:
            self.study.tell(trial, state=told.state)
