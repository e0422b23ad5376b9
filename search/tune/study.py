"""The search's memory: an Optuna study in this process, asked and told by hand.

Nothing of it is stored; it is rebuilt from the ledger. Suggestion n comes from a sampler seeded
by (sampler seed, n), so it depends only on n and on what the study was told before.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from search.space.samplers import KEEPING_BOOKS, Remembering, make_sampler, quiet
from search.space.sections import SearchConfig
from search.space.suggest import distributions, encode, suggest_parameters, unconditional

optuna.logging.set_verbosity(optuna.logging.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
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
    def is_whole(self) -> bool:
        """Return whether every objective has a value; Optuna takes no NaN."""
        return bool(self.values) and all(
            value is not None and math.isfinite(value) for value in self.values
        )


class SearchStudy:
    """The study of one search.

    Args:
        search: the space's search section.
        earlier: values and ending of each trial of earlier runs that it starts from.

    Attributes:
        study: what Optuna knows.
    """

    def __init__(
        self, search: SearchConfig, earlier: Sequence[tuple[Mapping[str, Any], Told]] = ()
    ) -> None:
        self._search = search
        self._always = unconditional(search.parameters)
        self._sources: list[FrozenTrial] = []
        self.study = optuna.create_study(
            directions=[
                StudyDirection.MINIMIZE if one.mode == "min" else StudyDirection.MAXIMIZE
                for one in search.objectives
            ]
        )
        for number, (values, told) in enumerate(earlier):
            self._begin_with(number, values, told)

    def suggest(self, number: int) -> tuple[optuna.Trial, dict[str, Any]]:
        """Return a running trial and its dotted changes, as suggestion ``number``."""
        self.study.sampler = self._sampler(number)
        with quiet():
            trial = self.study.ask()
            return trial, suggest_parameters(trial, self._search.parameters)

    def enter(self, number: int, values: Mapping[str, Any]) -> optuna.Trial:
        """Return a running trial of given values: a start point, or what was suggested before.

        ``values`` holds dotted options; those that the search does not vary, or not to that
        value, are unknown to the study.
        """
        keeps_books = self._search.sampler.name in KEEPING_BOOKS
        return self._enter(values, self._sampler(number) if keeps_books else None)

    def tell(self, trial: optuna.Trial, told: Told) -> None:
        """Tell the study how a trial ended."""
        if len(self._search.objectives) == 1:  # Optuna takes curves of one objective alone
            for epoch, value in enumerate(told.curve, start=1):
                if math.isfinite(value):
                    trial.report(value, epoch)
        if told.state is not TrialState.COMPLETE:
            self.study.tell(trial, state=told.state)
        elif told.is_whole:
            self.study.tell(trial, [value for value in told.values if value is not None])
        else:  # a trial without a value teaches nothing but to look elsewhere
            self.study.tell(trial, state=TrialState.FAIL)

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        return make_sampler(
            self._search.sampler, number, always=self._always, sources=self._sources
        )

    def _enter(
        self, values: Mapping[str, Any], books: optuna.samplers.BaseSampler | None
    ) -> optuna.Trial:
        known = {
            name: values[name]
            for name, parameter in self._search.parameters.items()
            if name in values and parameter.contains(values[name])
        }
        active = distributions(self._search.parameters, known)
        found = {name: value for name, value in active.items() if name in known}
        self.study.sampler = Remembering(encode(self._search.parameters, known), books)
        with quiet():
            return self.study.ask(fixed_distributions=found)

    def _begin_with(self, number: int, values: Mapping[str, Any], told: Told) -> None:
        """Tell of a trial of an earlier run.

        The evolution takes it into its generations; CMA-ES has a way of its own to start from
        trials that it did not choose.
        """
        evolves = self._search.sampler.name == "nsgaii"
        self.tell(self._enter(values, self._sampler(number) if evolves else None), told)
        ranges = {
            name: distribution
            for name, distribution in self._always.items()
            if name in values
            and not isinstance(distribution, CategoricalDistribution)
            and not distribution.single()
        }
        if told.state is TrialState.COMPLETE and told.is_whole:
            self._sources.append(
                create_trial(
                    values=[value for value in told.values if value is not None],
                    params={name: values[name] for name in ranges},
                    distributions=ranges,
                )
            )
