"""Optuna's samplers, made anew for each suggestion.

A sampler holds a random state that moves with every use. Seeding a fresh one by the number of the
suggestion makes that suggestion depend on the finished trials and the number alone, so a search
that was cut off and rebuilt from its ledger goes on as the undisturbed one would have.
"""

import warnings

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from search.space.sections import SamplerConfig


def make_sampler(config: SamplerConfig, number: int) -> BaseSampler:
    """Return the sampler of suggestion ``number``, which counts from 0.

    TPE is multivariate and splits conditional parameters into groups (Falkner et al. 2018;
    Bergstra et al. 2011); running trials count as bad ones, so that trials side by side differ.
    """
    seed = int(np.random.SeedSequence([config.seed, number]).generate_state(1)[0])
    match config.name:
        case "random":
            return RandomSampler(seed=seed)
        case "tpe":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExperimentalWarning)  # three of the options
                return TPESampler(multivariate=True, group=True, constant_liar=True, seed=seed)
