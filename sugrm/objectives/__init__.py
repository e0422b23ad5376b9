"""From a model's output to a loss."""

from collections.abc import Callable, Mapping
from functools import partial

from sugrm.config.registry import builder_of
from sugrm.config.sections.objective import (
    AlignedLabelsConfig,
    HumanLabelsConfig,
    ObjectiveConfig,
)
from sugrm.labels import build_label_generator
from sugrm.objectives import losses
from sugrm.objectives.auxiliary import build_auxiliary
from sugrm.objectives.losses import ElementwiseLoss, LossWeight, checked
from sugrm.objectives.multitask import MultitaskObjective
from sugrm.types import LABEL_BOUND, UNIMODAL_TASKS

__all__ = ["LOSSES", "LOSS_WEIGHTS", "MultitaskObjective", "build_objective"]

LOSSES: Mapping[str, Callable[[ObjectiveConfig], ElementwiseLoss]] = {
    "l1": lambda config: losses.l1,
    "l2": lambda config: losses.l2,
    "huber": lambda config: partial(losses.huber, delta=config.huber_delta),
}


def _elementwise(config: ObjectiveConfig) -> ElementwiseLoss:
    if isinstance(config.loss, str):
        return LOSSES[config.loss](config)
    build = builder_of(config.loss)
    assert build is not None  # only plug-ins have losses with options of their own
    return checked(build(config.loss), name=config.loss.name)


def _disagreement(config: ObjectiveConfig) -> LossWeight:
    floor = config.weight_floor
    if isinstance(config.labels, AlignedLabelsConfig):
        floor = max(floor, config.labels.floor)
    return partial(losses.disagreement_weight, floor=floor)


LOSS_WEIGHTS: Mapping[str, Callable[[ObjectiveConfig], LossWeight]] = {
    "sugrm": _disagreement,
    "self_mm": _disagreement,
    "aligned": _disagreement,
    "none": lambda config: losses.equal_weight,
}
"""Label generator -> weight of a unimodal loss; without one it is 1, where tanh would be 0."""


def build_objective(
    config: ObjectiveConfig, *, batch_size: int, label_bound: float = LABEL_BOUND
) -> MultitaskObjective:
    """Return the objective that ``config`` describes.

    Args:
        config: the options of the tasks, the loss and the label generation.
        batch_size: utterances of a training batch, at least 1.
        label_bound: the largest absolute human label of the dataset.
    """
    unimodal = any(task in UNIMODAL_TASKS for task in config.tasks)
    labels = config.labels if unimodal else HumanLabelsConfig()  # none are needed, none are made
    return MultitaskObjective(
        tasks=config.tasks,
        elementwise=_elementwise(config),
        weigh=LOSS_WEIGHTS[labels.name](config),
        generator=build_label_generator(labels, label_bound=label_bound),
        batch_size=batch_size,
        auxiliary=build_auxiliary(config),
    )
