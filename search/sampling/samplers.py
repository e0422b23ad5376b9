"""Optuna's samplers; each suggestion uses a new one.

The random state of a sampler changes with every use. A new sampler is therefore seeded by the
number of the suggestion: the suggestion depends only on that number and on the trials in the
study. An interrupted search that is rebuilt from its ledger continues as an uninterrupted one.

Some samplers also store state in the study: ``cmaes`` its distribution, ``nsgaii`` the generation
of each trial, ``qmc`` its position in the sequence. Suggestions of an earlier command are replayed
in order, so the sampler has the same state; the values come from the ledger.
"""

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial

from search.sampling.suggest import Category
from search.space.sections import SamplerConfig

Distributions = Mapping[str, BaseDistribution]

STATEFUL_SAMPLERS = ("cmaes", "nsgaii", "qmc")
"""Samplers that store their state in the attributes of the study and its trials."""
_FEWEST_SOURCES = 10
"""The fewest trials from which CMA-ES can start: it uses the best tenth of them."""


def make_sampler(
    config: SamplerConfig,
    number: int,
    *,
    always: Distributions | None = None,
    earlier: int = 0,
    sources: Sequence[FrozenTrial] = (),
) -> BaseSampler:
    """Return the sampler of suggestion ``number``.

    TPE is multivariate and splits conditional parameters into groups (Falkner et al. 2018;
    Bergstra et al. 2011); it treats running trials as bad ones, so that parallel trials differ.
    CMA-ES also learns from pruned trials: it uses only ranks, and at its rung a pruned trial
    ranked below those that continued.

    Args:
        config: the space's sampler section.
        number: the number of the suggestion, from 0.
        always: the distributions of the parameters without a condition, which ``cmaes`` and
            ``qmc`` suggest; without it they would use those of the first trials. Other parameters
            are drawn at random.
        earlier: the number of trials of earlier runs in the study. It is part of the seed, so
            that a search that starts from earlier trials does not repeat their suggestions.
        sources: the trials of earlier runs from which CMA-ES starts (Nomura et al. 2021).
    """
    seed = _seed(config.seed, number, earlier)
    always = {name: each for name, each in (always or {}).items() if not each.single()}
    with quiet():
        match config.name:
            case "random":
                return RandomSampler(seed=seed)
            case "tpe":
                return TPESampler(multivariate=True, group=True, constant_liar=True, seed=seed)
            case "gp":
                return GPSampler(seed=seed, warn_independent_sampling=False)
            case "cmaes":
                return _cmaes(seed, always, sources=sources)
            case "qmc":
                return _Qmc(_seed(config.seed, earlier), seed, always=always)
            case "nsgaii":
                return NSGAIISampler(population_size=config.population, seed=seed)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence Optuna's warnings about experimental options."""
    with warnings.catch_warnings():
        for module in ("optuna", "cmaes", "scipy"):
            warnings.filterwarnings("ignore", module=rf"{module}\b")
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


class Remembering(BaseSampler):
    """Suggest values that are known already.

    Args:
        values: the parameter values of the trial, in Optuna's form.
        stateful: the sampler of that suggestion, whose state is updated; None for a sampler
            without state.
    """

    def __init__(self, values: Mapping[str, Category], stateful: BaseSampler | None = None) -> None:
        self._values = values
        self._stateful = stateful

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the parameters that the sampler would suggest together."""
        if self._stateful is None:
            return {}
        return self._stateful.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Update the state of the sampler, but return the known values."""
        if self._stateful is not None:
            self._stateful.sample_relative(study, trial, search_space)
        return {name: self._values[name] for name in search_space if name in self._values}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:  # noqa: ANN401
        """Return the known value."""
        return self._values[param_name]


class _Qmc(QMCSampler):
    """A scrambled Sobol sequence over fixed parameters; one search uses one sequence."""

    def __init__(self, sequence: int, seed: int, *, always: Distributions) -> None:
        super().__init__(
            scramble=True,
            seed=sequence,
            independent_sampler=RandomSampler(seed=seed),
            warn_independent_sampling=False,
        )
        self._always = always

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return dict(self._always)


class _CmaEs(CmaEsSampler):
    """CMA-ES over fixed parameters, so that its number of dimensions never changes."""

    def __init__(self, always: Distributions, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._always = always

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return dict(self._always)


def _seed(*words: int) -> int:
    return int(np.random.SeedSequence(words).generate_state(1)[0])


def _cmaes(seed: int, always: Distributions, *, sources: Sequence[FrozenTrial]) -> CmaEsSampler:
    return _CmaEs(
        {
            name: each
            for name, each in always.items()
            if not isinstance(each, CategoricalDistribution)
        },
        seed=seed,
        warn_independent_sampling=False,
        consider_pruned_trials=True,
        source_trials=list(sources) if len(sources) >= _FEWEST_SOURCES else None,
    )
