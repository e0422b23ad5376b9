"""An Optuna study in the memory of this process, with its ask-and-tell interface.

The study is not stored; it is rebuilt from the ledger. Suggestion n comes from a sampler seeded
by (sampler seed, n), so it depends only on n and on the trials in the study.
"""

from collections.abc import Sequence

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from search.option_values import Changes, OptionValue
from search.sampling.observation import Observation
from search.sampling.samplers import STATEFUL_SAMPLERS, Remembering, make_sampler, quiet
from search.sampling.suggest import (
    Category,
    distributions,
    encode,
    suggest_parameters,
    unconditional,
)
from search.space.conditions import Parameters
from search.space.sections import SearchConfig

optuna.logging.set_verbosity(optuna.logging.ERROR)

Suggestion = optuna.Trial
"""A running trial of the study."""


class SearchStudy:
    """The study of one search.

    Args:
        search: the space's search section.
        earlier: the values and the observation of each trial of other runs to start from.

    Attributes:
        study: Optuna's own study.
    """

    def __init__(
        self, search: SearchConfig, earlier: Sequence[tuple[Changes, Observation]] = ()
    ) -> None:
        self._search = search
        self._always = unconditional(search.parameters)
        self._earlier = len(earlier)
        self._sources: list[FrozenTrial] = []
        self.study = optuna.create_study(directions=_directions(search))
        for number, (values, observation) in enumerate(earlier):
            self._add_earlier(number, values, observation=observation)

    def suggest(self, number: int) -> tuple[optuna.Trial, dict[str, OptionValue]]:
        """Suggest trial ``number``; return it as a running trial of the study, with its values."""
        self.study.sampler = self._sampler(number)
        with quiet():
            trial = self.study.ask()
            return trial, suggest_parameters(trial, self._search.parameters)

    def enter(self, number: int, values: Changes) -> optuna.Trial:
        """Add a running trial of given values: a start point, or an earlier suggestion.

        Args:
            number: the number of the suggestion, from 0.
            values: option -> value; the study leaves out an option that the search does not vary,
                or not to that value.
        """
        found, known = known_values(self._search.parameters, values)
        is_stateful = self._search.sampler.name in STATEFUL_SAMPLERS
        self.study.sampler = Remembering(known, self._sampler(number) if is_stateful else None)
        with quiet():
            return self.study.ask(fixed_distributions=found)

    def tell(self, trial: optuna.Trial, observation: Observation) -> None:
        """Record in the study how a running trial ended."""
        for epoch, value in recorded_epochs(self._search, observation).items():
            trial.report(value, epoch)
        self.study.tell(trial, observation.final, observation.optuna_state)

    def add(self, number: int, values: Changes, *, observation: Observation) -> None:
        """Add a trial that has ended: the same as ``enter`` and ``tell``, but faster."""
        if self._search.sampler.name in STATEFUL_SAMPLERS:
            self.tell(self.enter(number, values), observation)
        else:
            self.study.add_trial(ended_trial(self._search, values, observation=observation))

    def _add_earlier(self, number: int, values: Changes, *, observation: Observation) -> None:
        """Add a trial of another run.

        NSGA-II takes it into its generations. CMA-ES takes such trials as ``source_trials``; a
        Sobol sequence does not advance for them.
        """
        if self._search.sampler.name == "nsgaii":
            self.add(number, values, observation=observation)
            return
        self.study.add_trial(ended_trial(self._search, values, observation=observation))
        if self._search.sampler.name == "cmaes" and observation.final is not None:
            ranges = {
                name: each
                for name, each in self._always.items()
                if not isinstance(each, CategoricalDistribution) and not each.single()
            }
            source = {name: values[name] for name in ranges}
            self._sources.append(
                create_trial(values=observation.final, params=source, distributions=ranges)
            )

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        return make_sampler(
            self._search.sampler,
            number,
            always=self._always,
            earlier=self._earlier,
            sources=self._sources,
        )


def ended_trial(search: SearchConfig, values: Changes, *, observation: Observation) -> FrozenTrial:
    """Return a trial of a search that has ended, as a study holds it."""
    found, known = known_values(search.parameters, values)
    steps, final = recorded_epochs(search, observation), observation.final
    if steps and observation.optuna_state is TrialState.PRUNED:  # as Optuna does
        final = [steps[max(steps)]]
    return create_trial(
        state=observation.optuna_state,
        values=final,
        params=known,
        distributions=found,
        intermediate_values=steps,
    )


def recorded_epochs(search: SearchConfig, observation: Observation) -> dict[int, float]:
    """Return epoch -> value; Optuna records the epochs of a study with one objective only."""
    return observation.steps if len(search.objectives) == 1 else {}


def named_study(storage: BaseStorage, search: SearchConfig, *, name: str) -> optuna.Study:
    """Return a new study of a search in ``storage``; its values have the objectives' names."""
    study = optuna.create_study(storage=storage, study_name=name, directions=_directions(search))
    with quiet():
        study.set_metric_names([one.metric for one in search.objectives])
    return study


def _directions(search: SearchConfig) -> list[StudyDirection]:
    return [
        StudyDirection.MINIMIZE if one.mode == "min" else StudyDirection.MAXIMIZE
        for one in search.objectives
    ]


def known_values(
    parameters: Parameters, values: Changes
) -> tuple[dict[str, BaseDistribution], dict[str, Category]]:
    """Return the distribution and the value, in Optuna's form, of each parameter in ``values``."""
    known = {
        name: values[name]
        for name, parameter in parameters.items()
        if name in values and parameter.contains(values[name])
    }
    active = distributions(parameters, known)
    found = {name: each for name, each in active.items() if name in known}
    return found, encode({name: known[name] for name in found})
