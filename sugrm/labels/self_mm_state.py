"""The state of Self-MM's label generation and its two steps, as pure functions.

A batch follows the released order: labels, by the centres of the batch before, then the banks. The
centres are means over the banks under the present labels, so the state does not hold them. A step
copies what it changes, so no two states share a tensor that either could write to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.labels.relative_shift import centre, relative_distance, shifted_label
from sugrm.labels.state import COUNTERS
from sugrm.labels.ulgm import momentum_update
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The latest feature of each of the N training utterances, for one task.

    Attributes:
        features: [N, D] features, zeros for an utterance without one.
        filled: [N] bool, False before the utterance's first batch and where its stream is absent.
            Only rows with True count to a centre.
    """

    features: Tensor
    filled: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfMmState:
    """The state of label generation for the N training utterances.

    Attributes:
        human: [N] human labels y_m, within the label bound of the dataset.
        labels: [3, N] generated labels y_s, in the order of `UNIMODAL_TASKS`.
        banks: task -> bank, for each task that the model has shown so far.
        counters: [3] int64 counts in the order of `COUNTERS`.
    """

    human: Tensor
    labels: Tensor
    banks: Mapping[Task, Bank]
    counters: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The position of a batch relative to the centres of a task.

    Attributes:
        alpha: [B] relative distances.
        no_distance: [B] bool, True where alpha is undefined.
        no_centre: scalar bool, True where one of the two centres has no utterance.
    """

    alpha: Tensor
    no_distance: Tensor
    no_centre: Tensor


def initial_state(human: Tensor) -> SelfMmState:
    """Return the state before the first epoch: every generated label is the human one [N]."""
    human = human.detach().float()
    return SelfMmState(
        human=human,
        labels=human.repeat(len(UNIMODAL_TASKS), 1),
        banks={},
        counters=torch.zeros(len(COUNTERS), dtype=torch.int64, device=human.device),
    )


def with_labels(
    state: SelfMmState,
    output: ModelOutput,
    *,
    index: Tensor,
    epoch: int,
    bound: float,
    exclude_zero: bool,
) -> SelfMmState:
    """Return the state after the labels of a batch have moved.

    Where a centre has no utterance, D_p or alpha_m is 0, the label moves towards the human one
    and the utterance is counted. The label of a modality that the output lacks, or whose stream
    is absent, stays as it was.

    Args:
        state: the state before the step.
        output: the model's output, with features [B, D] for each task.
        index: [B] int64 rows of the batch's utterances, each at most once.
        epoch: number of the epoch, from 1.
        bound: H, the largest absolute label, above 0.
        exclude_zero: True counts label 0 to neither centre, False to the positive one.
    """
    human = state.human[index]
    labels = dict(zip(UNIMODAL_TASKS, state.labels, strict=True))
    no_centre = no_direction = torch.zeros_like(human, dtype=torch.bool)
    fusion = _place(
        state, Task.MULTIMODAL, output=output, labels=state.human, exclude_zero=exclude_zero
    )
    for task in UNIMODAL_TASKS:
        if task not in output.features:
            continue
        own = _place(state, task, output=output, labels=labels[task], exclude_zero=exclude_zero)
        target, tied = shifted_label(human, fusion.alpha, modality=own.alpha, bound=bound)
        nowhere = fusion.no_centre | own.no_centre
        undirected = fusion.no_distance | own.no_distance | tied
        target = torch.where(nowhere | undirected, human, target)
        previous, present = labels[task][index], output.present[task]
        values = torch.where(present, momentum_update(previous, target, epoch=epoch), previous)
        labels[task] = labels[task].index_copy(0, index, values)
        no_centre = no_centre | (present & nowhere)
        no_direction = no_direction | (present & undirected & ~nowhere)
    counts = {"undefined_direction": no_direction, "undefined_centre": no_centre}
    never = torch.zeros_like(no_centre)
    counted = torch.stack([counts.get(name, never).sum() for name in COUNTERS])
    stacked = torch.stack([labels[task] for task in UNIMODAL_TASKS])
    return replace(state, labels=stacked, counters=state.counters + counted)


def with_features(state: SelfMmState, output: ModelOutput, *, index: Tensor) -> SelfMmState:
    """Return the state with the features [B, D] of a batch in the banks.

    Raises:
        ValueError: if the width of a task's features differs from its bank's.
    """
    banks = dict(state.banks)
    for task in output.features:
        features, bank = _features(output, task), _bank(state, task, output=output)
        present = output.present[task]
        banks[task] = Bank(
            features=bank.features.index_copy(0, index, features * present[:, None]),
            filled=bank.filled.index_copy(0, index, present),
        )
    return replace(state, banks=banks)


def _place(
    state: SelfMmState, task: Task, *, output: ModelOutput, labels: Tensor, exclude_zero: bool
) -> _Place:
    """Return the position of a batch relative to the centres of the bank under [N] ``labels``."""
    bank = _bank(state, task, output=output)
    positive = labels > 0 if exclude_zero else labels >= 0
    counted = torch.stack([positive, labels < 0]) & bank.filled
    positive, negative = (centre(bank.features, rows) for rows in counted)
    alpha, no_distance = relative_distance(
        _features(output, task), positive=positive, negative=negative
    )
    return _Place(alpha=alpha, no_distance=no_distance, no_centre=~counted.any(dim=1).all())


def _features(output: ModelOutput, task: Task) -> Tensor:
    return output.features[task].detach().float()


def _bank(state: SelfMmState, task: Task, *, output: ModelOutput) -> Bank:
    width = output.features[task].shape[1]
    if task not in state.banks:
        return Bank(
            features=state.human.new_zeros(len(state.human), width),
            filled=torch.zeros_like(state.human, dtype=torch.bool),
        )
    bank = state.banks[task]
    if bank.features.shape[1] != width:
        raise ValueError(
            f"label generation: features of {task} are {width} wide after a bank of width"
            f" {bank.features.shape[1]}; expected one width for the whole run"
        )
    return bank
