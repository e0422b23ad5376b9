"""One step of the labels of aligned features, as a pure function (`sugrm.labels.common_space`)."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from sugrm.labels import ulgm
from sugrm.labels.banked_state import Bank, BankedState, bank_of, features_of
from sugrm.labels.common_space import AffineMap, axis_shift, centring, mapped, ridge_map
from sugrm.labels.limits import LabelLimits
from sugrm.labels.state import COUNTERS
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
    human = state.human[index]
    labels = dict(zip(UNIMODAL_TASKS, state.labels, strict=True))
    space = _space(state, bank_of(state, Task.MULTIMODAL, output=output), bound=rule.limits.bound)
    fusion = features_of(output, Task.MULTIMODAL)
    no_bound = torch.zeros_like(human, dtype=torch.bool)
    no_place = no_bound
    for task in UNIMODAL_TASKS:
        if task not in output.features:
            continue
        by = _map(state, task, output=output, space=space, rule=rule)
        own = features_of(output, task)
        moved = own if by is None else mapped(own, by)
        target, no_target = _target(fusion, moved, human=human, space=space, rule=rule)
        undefined = no_target if by is None else no_target | by.undefined
        without = space.length == 0
        target = torch.where(without | undefined, human, target)
        previous, present = labels[task][index], output.present[task]
        values = ulgm.momentum_update(previous, target, epoch=epoch)
        labels[task] = labels[task].index_copy(0, index, torch.where(present, values, previous))
        no_bound = no_bound | (present & without)
        no_place = no_place | (present & undefined & ~without)
    counts = {"undefined_label_bound": no_bound, "undefined_direction": no_place}
    never = torch.zeros_like(no_bound)
    counted = torch.stack([counts.get(name, never).sum() for name in COUNTERS])
    stacked = torch.stack([labels[task] for task in UNIMODAL_TASKS])
    return replace(state, labels=stacked, counters=state.counters + counted)


def _space(state: BankedState, bank: Bank, *, bound: float) -> _Space:
    human, filled = state.human, bank.filled
    kinds = (torch.stack([human > 0, human < 0, human == bound, human == -bound]) & filled).float()
    counts = kinds.sum(dim=1)
    means = kinds @ bank.features / counts.clamp(min=1)[:, None]
    length = ulgm.label_bound(means[2], means[3]) * (counts[2:] > 0).all()
    return _Space(bank=bank, signs=means[:2], extremes=means[2:], length=length)


def _map(
    state: BankedState, task: Task, *, output: ModelOutput, space: _Space, rule: AlignedRule
) -> AffineMap | None:
    """Return the map of a modality into the fusion's space; None leaves it where it is."""
    own, fusion = bank_of(state, task, output=output), space.bank
    if rule.map != "ridge" and own.features.shape != fusion.features.shape:
        raise ValueError(
            f"label generation: features of {task} are {own.features.shape[1]} wide, those of the "
            f"fusion {fusion.features.shape[1]}; expected one width, or labels.map: ridge"
        )
    counted = own.filled & fusion.filled
    match rule.map:
        case "ridge":
            return ridge_map(own.features, fusion.features, counted=counted, ridge=rule.ridge)
        case "centre":
            return centring(own.features, fusion.features, counted=counted)
        case "none":
            return None


def _target(
    fusion: Tensor, modality: Tensor, *, human: Tensor, space: _Space, rule: AlignedRule
) -> tuple[Tensor, Tensor]:
    """Return the [B] shifted labels, and [B] bool, True where they are undefined."""
    bound, clamp = rule.limits.bound, rule.limits.clamp
    if rule.magnitude == "axis":
        high, low = space.extremes
        shift = 2 * bound * axis_shift(fusion, modality, high=high, low=low)
        target = human + shift
        undefined = torch.zeros_like(human, dtype=torch.bool)
        return target if clamp is None else target.clamp(-clamp, clamp), undefined
    fusion_ratio, no_fusion = ulgm.distance_ratio(fusion, space.signs)
    own_ratio, no_own = ulgm.distance_ratio(modality, space.signs)
    direction = ulgm.shift_direction(fusion_ratio, own_ratio)
    size = ulgm.shift_size(fusion, modality, bound=space.length, human_bound=bound)
    return ulgm.shifted_label(human, direction, size=size, clamp=clamp), no_fusion | no_own
