"""Generators of the labels of the unimodal tasks."""

from collections.abc import Callable, Mapping
from typing import Any

from sugrm.config.sections.objective import LabelsConfig
from sugrm.labels.aligned import AlignedLabels
from sugrm.labels.generator import HumanLabels, LabelGenerator, SugrmLabels
from sugrm.labels.limits import LabelLimits, in_range_of
from sugrm.labels.self_mm import SelfMmLabels
from sugrm.labels.state import COUNTERS, LabelState, update_state
from sugrm.types import LABEL_BOUND

__all__ = [
    "COUNTERS",
    "LABEL_GENERATORS",
    "AlignedLabels",
    "HumanLabels",
    "LabelGenerator",
    "LabelLimits",
    "LabelState",
    "SelfMmLabels",
    "SugrmLabels",
    "build_label_generator",
    "update_state",
]

LABEL_GENERATORS: Mapping[str, Callable[..., LabelGenerator]] = {
    "sugrm": SugrmLabels,
    "self_mm": SelfMmLabels,
    "aligned": AlignedLabels,
    "none": HumanLabels,
}


def build_label_generator(
    config: LabelsConfig,
    *,
    label_bound: float = LABEL_BOUND,
) -> LabelGenerator:
    """Return the generator that ``config`` names, with its options.

    Args:
        config: the options; those that limit labels are given for labels in [-3, 3].
        label_bound: the largest absolute human label of the dataset.
    """
    options: dict[str, Any] = config.model_dump(exclude={"name", "floor"})
    for name in config.LIMITS:
        if options[name] is not None:
            options[name] = in_range_of(label_bound, options[name])
    if config.name in ("sugrm", "aligned"):
        options["label_bound"] = label_bound
    return LABEL_GENERATORS[config.name](**options)
