"""The state of generators that hold the latest feature of every utterance, for every task.

A step copies what it changes, so no two states share a tensor that either could write to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.labels.state import COUNTERS
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
