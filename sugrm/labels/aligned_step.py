"""One step of the labels of aligned features, as a pure function (`sugrm.labels.common_space`)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from sugrm.labels import ulgm
from sugrm.labels.banked_state import (
    Bank,
    BankedState,
    Targets,
    bank_of,
    features_of,
    with_targets,
)
from sugrm.labels.common_space import (
    AffineMap,
    axis_shift,
    centring,
    mapped,
    mean_of,
    ridge_map,
    unmoved,
)
from sugrm.labels.limits import LabelLimits
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedRule:
    """How the labels move.

    Attributes:
        map: how a modality's features get into the fusion's space: by a ridge regression, by moving
            their mean, or not at all.
        ridge: the penalty of the ridge regression, above 0.
        magnitude: how far a label moves: by the place along the line between the extreme labels,
            or by the paper's distance and direction.
        limits: the range of the human labels and the limit of the shifted ones.
    """

    map: Literal["ridge", "centre", "none"]
    ridge: float
    magnitude: Literal["axis", "distance"]
    limits: LabelLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Space:
    """The fusion's space under the human labels of the utterances in its bank.

    Attributes:
        bank: the fusion's bank.
        signs: [2, D] means of the positive and of the negative utterances.
        extremes: [2, D] means of those labelled +b and -b.
        length: scalar D_max, the distance between the latter; 0 where undefined.
    """

    bank: Bank
    signs: Tensor
    extremes: Tensor
    length: Tensor


def with_labels(
    state: BankedState, output: ModelOutput, *, index: Tensor, epoch: int, rule: AlignedRule
) -> BankedState:
    """Return the state after the labels of a batch have moved.

    Where no utterance is labelled +b or none -b, a modality's features do not vary, or (by
    distance) D_n is 0, the label moves towards the human one and the utterance is counted. The
    label of a modality that the output lacks, or whose stream is absent, stays as it was.

    Args:
        state: the state before the step.
        output: the model's output, with features [B, D] for each task.
        index: [B] int64 rows of the batch's utterances, each at most once.
        epoch: number of the epoch, from 1.
        rule: how the labels move.

    Raises:
        ValueError: without the ridge regression, if the widths of the features differ.
    """
    human = state.human[index].double()
    space = _space(state, bank_of(state, Task.MULTIMODAL, output=output), bound=rule.limits.bound)
    fusion = features_of(output, Task.MULTIMODAL).double()
    targets = {}
    for task in UNIMODAL_TASKS:
        if task not in output.features:
            continue
        by = _map(bank_of(state, task, output=output), task, space=space, rule=rule)
        moved = mapped(features_of(output, task).double(), by)
        shifted, no_direction = _shifted(human, fusion, modality=moved, space=space, rule=rule)
        no_bound = space.length == 0
        targets[task] = Targets(
            labels=shifted.float(),
            undefined={
                "undefined_label_bound": no_bound,
                "undefined_direction": (by.undefined | no_direction) & ~no_bound,
            },
        )
    return with_targets(state, output, index=index, epoch=epoch, targets=targets)


def _space(state: BankedState, bank: Bank, *, bound: float) -> _Space:
    human = state.human
    kinds = torch.stack([human > 0, human < 0, human == bound, human == -bound]) & bank.filled
    means = mean_of(bank.features, kinds)
    length = ulgm.label_bound(means[2], means[3]) * kinds[2:].any(dim=1).all()
    return _Space(bank=bank, signs=means[:2], extremes=means[2:], length=length)


def _map(bank: Bank, task: Task, *, space: _Space, rule: AlignedRule) -> AffineMap:
    """Return the map of a modality, whose bank is given, into the fusion's space."""
    own, fusion = bank.features, space.bank.features
    if rule.map != "ridge" and own.shape != fusion.shape:
        raise ValueError(
            f"label generation: features of {task} are {own.shape[1]} wide, those of the "
            f"fusion {fusion.shape[1]}; expected one width, or labels.map: ridge"
        )
    counted = bank.filled & space.bank.filled
    match rule.map:
        case "ridge":
            return ridge_map(own, fusion, counted=counted, ridge=rule.ridge)
        case "centre":
            return centring(own, fusion, counted=counted)
        case "none":
            return unmoved(own)


def _shifted(
    human: Tensor, fusion: Tensor, *, modality: Tensor, space: _Space, rule: AlignedRule
) -> tuple[Tensor, Tensor]:
    """Return the [B] shifted labels, and [B] bool, True where D_n is 0, so that they have none."""
    bound, clamp = rule.limits.bound, rule.limits.clamp
    if rule.magnitude == "axis":
        high, low = space.extremes
        shifted = human + 2 * bound * axis_shift(fusion, modality, high=high, low=low)
        never = torch.zeros_like(human, dtype=torch.bool)
        return shifted if clamp is None else shifted.clamp(-clamp, clamp), never
    fusion_ratio, no_fusion = ulgm.distance_ratio(fusion, space.signs)
    own_ratio, no_own = ulgm.distance_ratio(modality, space.signs)
    direction = ulgm.shift_direction(fusion_ratio, own_ratio)
    size = ulgm.shift_size(fusion, modality, bound=space.length, human_bound=bound)
    return ulgm.shifted_label(human, direction, size=size, clamp=clamp), no_fusion | no_own
