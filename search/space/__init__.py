"""Spaces: what a run varies, fixes and repeats, read from YAML and checked."""

from search.space.conditions import in_order, is_active
from search.space.objectives import Objective
from search.space.parameters import ChoiceParameter, FloatParameter, IntParameter, Parameter
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
    "in_order",
    "is_active",
    "starting_values",
]
