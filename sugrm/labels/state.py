"""The state of unimodal label generation and its one step.

The step follows the released order: labels, then the bank of fusion features, then the means over
the whole bank. It writes into the tensors of the state, so that a step costs what its batch costs,
however many utterances there are.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sugrm.labels import ulgm
from sugrm.labels.limits import LabelLimits
from sugrm.types import LABEL_BOUND, UNIMODAL_TASKS, ModelOutput, Task

COUNTERS: tuple[str, ...] = ("undefined_label_bound", "undefined_direction", "undefined_centre")
"""Rules whose undefined utterance-steps are counted, in the order of `LabelState.counters`."""


@dataclass(slots=True, kw_only=True)
class LabelState:
    """The state of label generation for the N training utterances; `update_state` changes it.

    Attributes:
        human: [N] human labels y_m in [-b, b].
        labels: [3, N] generated labels y_s, in the order of `UNIMODAL_TASKS`.
        bank: [N, D] latest fusion feature of each utterance, zeros before its first batch; D is 0
            before the first step, when the width is not known yet.
        means: [4, D] float64 means of the bank: of the positive and of the negative utterances, of
            those labelled +b and -b.
        mean_weights: [4, N] float64 weights of these means, see `ulgm.mean_weights`.
        no_centre: scalar bool, True where no utterance is positive or none is negative.
        counters: [3] int64 counts in the order of `COUNTERS`.
    """

    human: Tensor
    labels: Tensor
    bank: Tensor
    means: Tensor
    mean_weights: Tensor
    no_centre: Tensor
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
    weights = ulgm.mean_weights(human, repetitions, zero_is_positive=zero_is_positive, bound=bound)
    return LabelState(
        human=human,
        labels=human.repeat(len(UNIMODAL_TASKS), 1),
        bank=human.new_zeros(len(human), 0),
        means=weights.new_zeros(len(weights), 0),
        mean_weights=weights,
        no_centre=~weights[:2].any(dim=1).all(),
        counters=torch.zeros(len(COUNTERS), dtype=torch.int64, device=human.device),
    )


def update_state(
    state: LabelState,
    output: ModelOutput,
    *,
    index: Tensor,
    generate: bool,
    epoch: int,
    limits: LabelLimits,
) -> None:
    """Change the state by one training batch.

    Where D_max is undefined or 0, a centre has no utterance, or D_n is 0, the label moves
    towards the human one and the utterance is counted. The label of a modality that the output
    lacks, or whose stream is absent, stays as it was.

    Args:
        state: the state, whose tensors are written to.
        output: the model's output, with features [B, D] for each task.
        index: [B] int64 rows of the batch's utterances, each at most once.
        generate: True moves the labels; the bank and the means are updated either way.
        epoch: number of the epoch, from 1.
        limits: the range of the human labels and the limit of the shifted ones.

    Raises:
        ValueError: if the width of the features differs from the state's or between tasks; the
            state stays as it was.
    """
    # No product is taken in float32 here, so autocast lowers the precision of none.
    _set_width(state, output)
    features, present = _stacked(output, index=index)
    if generate and len(output.features) > 1:
        _move_labels(state, features, present=present, index=index, epoch=epoch, limits=limits)
    _store(state, features[0], index=index)


def _set_width(state: LabelState, output: ModelOutput) -> None:
    """Make room for the features of the first batch; refuse those of another width later."""
    held = state.bank.shape[1]
    widths = {task: feature.shape[1] for task, feature in output.features.items()}
    width = widths[Task.MULTIMODAL]
    if held not in (0, width) or len(set(widths.values())) > 1:
        listed = ", ".join(f"{task} {value}" for task, value in widths.items())
        raise ValueError(
            f"label generation: features of widths {listed} after a bank of width {held};"
            " expected one width for every task; project the features to a common width"
        )
    if not held:
        state.bank = state.bank.new_zeros(len(state.human), width)
        state.means = state.means.new_zeros(len(state.mean_weights), width)


def _stacked(output: ModelOutput, *, index: Tensor) -> tuple[Tensor, Tensor]:
    """Return the features [4, B, D], the fusion's first, and where each modality is present [3, B].

    A modality that the output lacks is absent; the fusion's features take its place.
    """
    given, fusion = output.features, output.features[Task.MULTIMODAL]
    features = torch.stack([fusion, *(given.get(task, fusion) for task in UNIMODAL_TASKS)])
    present = [
        output.present[task] if task in given else torch.zeros_like(index, dtype=torch.bool)
        for task in UNIMODAL_TASKS
    ]
    return features.detach().float(), torch.stack(present)


def _move_labels(
    state: LabelState,
    features: Tensor,
    *,
    present: Tensor,
    index: Tensor,
    epoch: int,
    limits: LabelLimits,
) -> None:
    """Move the labels of a batch by its features [4, B, D] and count what is undefined."""
    human = state.human.index_select(0, index)
    means = state.means.float()
    bound = ulgm.label_bound(means[2], means[3])
    size = ulgm.shift_size(features[0], features[1:], bound=bound, human_bound=limits.bound)
    ratio, no_ratio = ulgm.distance_ratio(features, means[:2])
    direction = ulgm.shift_direction(ratio[0], ratio[1:])
    no_bound, no_direction = bound.logical_not(), no_ratio[0] | no_ratio[1:]
    # A centre without an utterance means an extreme without one: no_bound covers no_centre.
    direction.masked_fill_(no_bound | no_direction, 0.0)
    target = ulgm.shifted_label(human, direction, size=size, clamp=limits.clamp)
    previous = state.labels.index_select(1, index)
    generated = ulgm.momentum_update(previous, target, epoch=epoch)
    state.labels.index_copy_(1, index, torch.where(present, generated, previous))
    # An utterance counts once for each rule, however many of its modalities are undefined.
    counted = torch.stack([present, present & no_direction, present]).any(dim=1).sum(dim=1)
    state.counters.addcmul_(counted, torch.stack([no_bound, ~state.no_centre, state.no_centre]))


def _store(state: LabelState, fusion: Tensor, *, index: Tensor) -> None:
    """Store the fusion features [B, D] of a batch and move the means."""
    change = fusion.double() - state.bank.index_select(0, index)
    weights = state.mean_weights.index_select(1, index)
    state.means = ulgm.moved_means(state.means, weights, change=change)
    state.bank.index_copy_(0, index, fusion)
