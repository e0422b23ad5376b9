"""Generators of the labels of the unimodal tasks."""

from collections.abc import Callable, Mapping
from typing import Any

from sugrm.config.sections.objective import HumanLabelsConfig, SelfMmLabelsConfig, SugrmLabelsConfig
from sugrm.labels.generator import HumanLabels, LabelGenerator, SugrmLabels
from sugrm.labels.self_mm import SelfMmLabels
from sugrm.labels.state import COUNTERS, LabelState, updated

__all__ = [
    "COUNTERS",
    "LABEL_GENERATORS",
    "HumanLabels",
    "LabelGenerator",
    "LabelState",
    "SelfMmLabels",
    "SugrmLabels",
    "build_label_generator",
    "updated",
]

LABEL_GENERATORS: Mapping[str, Callable[..., LabelGenerator]] = {
    "sugrm": SugrmLabels,
    "self_mm": SelfMmLabels,
    "none": HumanLabels,
}


def build_label_generator(
    config: SugrmLabelsConfig | SelfMmLabelsConfig | HumanLabelsConfig,
) -> LabelGenerator:
    """Return the generator that ``config`` names, with its options."""
    options: dict[str, Any] = config.model_dump(exclude={"name"})
    return LABEL_GENERATORS[config.name](**options)
