"""An Optuna study in the memory of this process, with its ask-and-tell interface.

The study is not stored; it is rebuilt from the ledger. Suggestion n comes from a sampler seeded
by (sampler seed, n), so it depends only on n and on the trials in the study.
"""

from collections.abc import Sequence

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
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
        self.study = optuna.create_study(
            directions=[
                StudyDirection.MINIMIZE if one.mode == "min" else StudyDirection.MAXIMIZE
                for one in search.objectives
            ]
        )
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
        for epoch, value in self._steps(observation).items():
            trial.report(value, epoch)
        self.study.tell(trial, observation.final, observation.optuna_state)

    def add(self, number: int, values: Changes, *, observation: Observation) -> None:
        """Add a trial that has ended: the same as ``enter`` and ``tell``, but faster."""
        if self._search.sampler.name in STATEFUL_SAMPLERS:
            self.tell(self.enter(number, values), observation)
        else:
            self._add(values, observation)

    def _add(self, values: Changes, observation: Observation) -> None:
        found, known = known_values(self._search.parameters, values)
        steps, final = self._steps(observation), observation.final
        if steps and observation.optuna_state is TrialState.PRUNED:  # as Optuna does
            final = [steps[max(steps)]]
        self.study.add_trial(
            create_trial(
                state=observation.optuna_state,
                values=final,
                params=known,
                distributions=found,
                intermediate_values=steps,
            )
        )

    def _add_earlier(self, number: int, values: Changes, *, observation: Observation) -> None:
        """Add a trial of another run.

        NSGA-II takes it into its generations. CMA-ES takes such trials as ``source_trials``; a
        Sobol sequence does not advance for them.
        """
        if self._search.sampler.name == "nsgaii":
            self.add(number, values, observation=observation)
            return
        self._add(values, observation)
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

    def _steps(self, observation: Observation) -> dict[int, float]:
        # Optuna records the epochs of a study with one objective only.
        return observation.steps if len(self._search.objectives) == 1 else {}


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
