"""The state of unimodal label generation and its one step, as a pure function.

The step follows the released order: labels, then the bank of fusion features, then the centres
over the whole bank. A step copies the labels and the bank, so that no two states share a tensor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.labels import ulgm
from sugrm.labels.limits import LabelLimits
from sugrm.types import LABEL_BOUND, UNIMODAL_TASKS, ModelOutput, Task

COUNTERS: tuple[str, ...] = ("undefined_label_bound", "undefined_direction", "undefined_centre")
"""Rules whose undefined utterance-steps are counted, in the order of `LabelState.counters`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelState:
    """The state of label generation for the N training utterances.

    Attributes:
        human: [N] human labels y_m in [-b, b].
        labels: [3, N] generated labels y_s, in the order of `UNIMODAL_TASKS`.
        bank: [N, D] latest fusion feature of each utterance, zeros before its first batch; D is 0
            before the first step, when the width is not known yet.
        centres: [2, D] centres of the positive and of the negative utterances.
        sign_weights: [2, N] weights, 1 for an utterance that counts to the positive or the negative
            centre, else 0.
        extreme_weights: [2, N] number of times that each utterance counts to the means labelled +b
            and -b.
        counters: [3] int64 counts in the order of `COUNTERS`.
    """

    human: Tensor
    labels: Tensor
    bank: Tensor
    centres: Tensor
    sign_weights: Tensor
    extreme_weights: Tensor
    counters: Tensor


def initial_state(
    human: Tensor, repetitions: Tensor, *, zero_is_positive: bool, bound: float = LABEL_BOUND
) -> LabelState:
    """Return the state before the first epoch: every generated label is the human one.

    Args:
        human: [N] human labels in [-b, b]; the state is made on their device.
        repetitions: [N] number of times that an utterance counts in D_max if its label is +b or -b.
        zero_is_positive: True counts label 0 to the positive centre, as the released code does;
            False to neither.
        bound: b, the largest absolute human label.
    """
    human = human.detach().float()
    positive = human >= 0 if zero_is_positive else human > 0
    extremes = torch.stack([human == bound, human == -bound])
    return LabelState(
        human=human,
        labels=human.repeat(len(UNIMODAL_TASKS), 1),
        bank=human.new_zeros(len(human), 0),
        centres=human.new_zeros(2, 0),
        sign_weights=torch.stack([positive, human < 0]).float(),
        extreme_weights=extremes * repetitions.to(human),
        counters=torch.zeros(len(COUNTERS), dtype=torch.int64, device=human.device),
    )


def updated(
    state: LabelState,
    output: ModelOutput,
    *,
    index: Tensor,
    generate: bool,
    epoch: int,
    limits: LabelLimits,
) -> LabelState:
    """Return the state after one training batch.

    Where D_max is undefined or 0, a centre has no utterance, or D_n is 0, the label moves
    towards the human one and the utterance is counted. The label of a modality that the output
    lacks, or whose stream is absent, stays as it was.

    Args:
        state: the state before the step.
        output: the model's output, with features [B, D] for each task.
        index: [B] int64 rows of the batch's utterances, each at most once.
        generate: True moves the labels; the bank and the centres are updated either way.
        epoch: number of the epoch, from 1.
        limits: the range of the human labels and the limit of the shifted ones.

    Raises:
        ValueError: if the width of the features differs from the state's or between tasks.
    """
    features = {task: feature.detach().float() for task, feature in output.features.items()}
    state = _with_width(state, features)
    # Under autocast the means over the bank would be taken in half precision.
    with torch.autocast(state.human.device.type, enabled=False):
        if generate and len(features) > 1:
            state = _with_labels(
                state, features, present=output.present, index=index, epoch=epoch, limits=limits
            )
        bank = state.bank.index_copy(0, index, features[Task.MULTIMODAL])
        centres = torch.stack(ulgm.centres(bank, state.sign_weights))
    return replace(state, bank=bank, centres=centres)


def _with_width(state: LabelState, features: Mapping[Task, Tensor]) -> LabelState:
    held = state.bank.shape[1]
    widths = {task: feature.shape[1] for task, feature in features.items()}
    width = widths[Task.MULTIMODAL]
    if held not in (0, width) or len(set(widths.values())) > 1:
        listed = ", ".join(f"{task} {value}" for task, value in widths.items())
        raise ValueError(
            f"label generation: features of widths {listed} after a bank of width {held};"
            " expected one width for every task; project the features to a common width"
        )
    if held:
        return state
    bank = state.bank.new_zeros(len(state.human), width)
    return replace(state, bank=bank, centres=bank.new_zeros(2, width))


def _with_labels(
    state: LabelState,
    features: Mapping[Task, Tensor],
    *,
    present: Mapping[Task, Tensor],
    index: Tensor,
    epoch: int,
    limits: LabelLimits,
) -> LabelState:
    rows = [row for row, task in enumerate(UNIMODAL_TASKS) if task in features]
    tasks = [UNIMODAL_TASKS[row] for row in rows]
    modality = torch.stack([features[task] for task in tasks])
    here = torch.stack([present[task] for task in tasks])
    human = state.human[index]
    direction, size, counted = _shift(
        state,
        features[Task.MULTIMODAL],
        modality=modality,
        present=here,
        human_bound=limits.bound,
    )
    target = ulgm.shifted_label(human, direction, size=size, clamp=limits.clamp)
    previous = torch.stack([state.labels[row][index] for row in rows])
    generated = torch.where(here, ulgm.momentum_update(previous, target, epoch=epoch), previous)
    labels = list(state.labels)
    for row, values in zip(rows, generated, strict=True):
        labels[row] = labels[row].index_copy(0, index, values)
    return replace(state, labels=torch.stack(labels), counters=state.counters + counted)


def _shift(
    state: LabelState, fusion: Tensor, *, modality: Tensor, present: Tensor, human_bound: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return direction [S, B], size [S, B] and what was undefined [3] for S present tasks."""
    bound = ulgm.label_bound(state.bank, state.extreme_weights)
    direction, no_ratio = ulgm.shift_direction(
        fusion, modality, positive=state.centres[0], negative=state.centres[1]
    )
    no_bound = bound == 0
    no_centre = ~(state.sign_weights.sum(dim=1) > 0).all()
    counted = torch.stack(
        [
            (present & undefined).any(dim=0).sum()
            for undefined in (no_bound, no_ratio & ~no_centre, no_centre)
        ]
    )
    # A centre without an utterance means an extreme without one: no_bound covers no_centre.
    direction = torch.where(no_bound, 0.0, direction)
    size = ulgm.shift_size(fusion, modality, bound=bound, human_bound=human_bound)
    return direction, size, counted
