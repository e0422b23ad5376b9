"""Spaces: what a run varies, fixes and repeats, read from YAML and checked."""

from search.space.conditions import in_order, is_active
from search.space.files import packaged_spaces
from search.space.loader import load_space
from search.space.objectives import Objective
from search.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter
from search.space.samplers import make_sampler
from search.space.sections import (
    Budget,
    ConfirmConfig,
    Resources,
    SamplerConfig,
    SchedulerConfig,
    SearchConfig,
)
from search.space.space import Space
from search.space.start import starting_values
from search.space.suggest import distributions, encode, suggest_parameters

__all__ = [
    "Budget",
    "ChoiceParameter",
    "ConfirmConfig",
    "FloatParameter",
    "IntParameter",
    "Objective",
    "Parameter",
    "Resources",
    "SamplerConfig",
    "SchedulerConfig",
    "SearchConfig",
    "Space",
    "distributions",
    "encode",
    "in_order",
    "is_active",
    "load_space",
    "make_sampler",
    "packaged_spaces",
    "starting_values",
    "suggest_parameters",
]
