"""Optuna's samplers, made anew for each suggestion.

A sampler holds a random state that moves with every use. Seeding a fresh one by the number of the
suggestion makes that suggestion depend on the told trials and the number alone, so a search
that was cut off and rebuilt from its ledger goes on as the undisturbed one would have.

Some samplers also keep books in the study: ``cmaes`` its distribution, ``nsgaii`` who belongs to
which generation, ``qmc`` how far its sequence is. A number of an earlier run is therefore asked
of them again, for their books; what they answer is replaced by the values that the ledger holds.
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

from search.space.sections import SamplerConfig

Distributions = Mapping[str, BaseDistribution]

KEEPING_BOOKS = ("cmaes", "nsgaii", "qmc")
"""Samplers whose state is in the attributes of the study and its trials."""
_FEWEST_SOURCES = 10
"""Of warm-starting CMA-ES, which looks at the best tenth."""


def make_sampler(
    config: SamplerConfig,
    number: int,
    *,
    always: Distributions | None = None,
    earlier: int = 0,
    sources: Sequence[FrozenTrial] = (),
) -> BaseSampler:
    """Return the sampler of suggestion ``number``, which counts from 0.

    TPE is multivariate and splits conditional parameters into groups (Falkner et al. 2018;
    Bergstra et al. 2011); running trials count as bad ones, so that trials side by side differ.
    CMA-ES also learns from trials that were stopped early: at the rung they were behind those
    that went on, and ranks are all that it looks at.

    Args:
        config: the space's sampler section.
        number: of the suggestion.
        always: the parameters without a condition, among which ``cmaes`` and ``qmc`` move; they
            would take those of the first trials otherwise. Other parameters are drawn at random.
        earlier: trials of earlier runs that the study was told; a search that begins with some
            draws other numbers, or it would repeat theirs.
        sources: those of them from which CMA-ES starts (Nomura et al. 2021).
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
                return _cmaes(seed, always, sources)
            case "qmc":
                return _Qmc(_seed(config.seed, earlier), seed, always)
            case "nsgaii":
                return NSGAIISampler(population_size=config.population, seed=seed)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep to itself what Optuna would warn of: which of its options are young."""
    with warnings.catch_warnings():
        for module in ("optuna", "cmaes", "scipy"):
            warnings.filterwarnings("ignore", module=rf"{module}\b")
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield


class Remembering(BaseSampler):
    """Answer with values that are known.

    Args:
        values: of the trial, as Optuna knows them.
        books: the sampler of that number, which writes its books as if it had been asked.
    """

    def __init__(self, values: Mapping[str, Any], books: BaseSampler | None = None) -> None:
        self._values = values
        self._books = books

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the parameters that the sampler would suggest together."""
        if self._books is None:
            return {}
        return self._books.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Let the sampler write its books; return the known values all the same."""
        if self._books is not None:
            self._books.sample_relative(study, trial, search_space)
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
    """A scrambled Sobol sequence over fixed parameters: one for all numbers of a search."""

    def __init__(self, sequence: int, seed: int, always: Distributions) -> None:
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
    """CMA-ES over fixed parameters, so that its dimensions never change."""

    def __init__(self, always: Distributions, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self._always = always

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return dict(self._always)


def _seed(*words: int) -> int:
    return int(np.random.SeedSequence(words).generate_state(1)[0])


def _cmaes(seed: int, always: Distributions, sources: Sequence[FrozenTrial]) -> CmaEsSampler:
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
