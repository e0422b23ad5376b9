"""The state of generators that hold the latest feature of every utterance, for every task.

Their labels move towards the targets of a rule, with the paper's momentum.

A step copies what it changes, so no two states share a tensor that either could write to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.labels.state import COUNTERS
from sugrm.labels.ulgm import momentum_update
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The latest feature of each of the N training utterances, for one task.

    Attributes:
        features: [N, D] features, zeros for an utterance without one.
        filled: [N] bool, False before the utterance's first batch and where its stream is absent.
            Only rows with True count.
    """

    features: Tensor
    filled: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class BankedState:
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


def initial_state(human: Tensor) -> BankedState:
    """Return the state before the first epoch: every generated label is the human one [N]."""
    human = human.detach().float()
    return BankedState(
        human=human,
        labels=human.repeat(len(UNIMODAL_TASKS), 1),
        banks={},
        counters=torch.zeros(len(COUNTERS), dtype=torch.int64, device=human.device),
    )


def with_features(state: BankedState, output: ModelOutput, *, index: Tensor) -> BankedState:
    """Return the state with the features [B, D] of a batch in the banks.

    Raises:
        ValueError: if the width of a task's features differs from its bank's.
    """
    banks = dict(state.banks)
    for task in output.features:
        features, bank = features_of(output, task), bank_of(state, task, output=output)
        present = output.present[task]
        banks[task] = Bank(
            features=bank.features.index_copy(
                0, index, torch.where(present[:, None], features, 0.0)
            ),
            filled=bank.filled.index_copy(0, index, present),
        )
    return replace(state, banks=banks)


def features_of(output: ModelOutput, task: Task) -> Tensor:
    """Return the features [B, D] of a task, without gradient and in single precision."""
    return output.features[task].detach().float()


def bank_of(state: BankedState, task: Task, *, output: ModelOutput) -> Bank:
    """Return the bank of a task, an empty one before the task's first batch.

    Raises:
        ValueError: if the width of the task's features differs from the bank's.
    """
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The labels that one modality of a batch moves towards.

    Attributes:
        labels: [B] labels; where they are undefined the human label takes their place.
        undefined: counter (a name in `COUNTERS`) -> [B] or scalar bool, True where the rule has no
            label for this reason. No utterance has two reasons.
    """

    labels: Tensor
    undefined: Mapping[str, Tensor]


def with_targets(
    state: BankedState,
    output: ModelOutput,
    *,
    index: Tensor,
    epoch: int,
    targets: Mapping[Task, Targets],
) -> BankedState:
    """Return the state after the labels of a batch have moved towards their targets.

    The label of a modality without targets, or whose stream is absent, stays as it was. For each
    reason an utterance counts once, however many of its modalities are undefined.

    Args:
        state: the state before the step.
        output: the model's output; only where streams are present is read.
        index: [B] int64 rows of the batch's utterances, each at most once.
        epoch: number of the epoch, from 1.
        targets: unimodal task -> where its labels move.
    """
    human = state.human[index]
    labels = dict(zip(UNIMODAL_TASKS, state.labels, strict=True))
    undefined = dict.fromkeys(COUNTERS, torch.zeros_like(human, dtype=torch.bool))
    for task, target in targets.items():
        previous, present, towards = labels[task][index], output.present[task], target.labels
        for name, where in target.undefined.items():
            towards = torch.where(where, human, towards)
            undefined[name] = undefined[name] | (present & where)
        moved = torch.where(present, momentum_update(previous, towards, epoch=epoch), previous)
        labels[task] = labels[task].index_copy(0, index, moved)
    counts = torch.stack([undefined[name].sum() for name in COUNTERS])
    stacked = torch.stack([labels[task] for task in UNIMODAL_TASKS])
    return replace(state, labels=stacked, counters=state.counters + counts)
