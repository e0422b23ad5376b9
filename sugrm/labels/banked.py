"""A generator that holds the latest feature of every utterance, for every task."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from sugrm.labels.banked_state import Bank, BankedState, initial_state, with_features
from sugrm.labels.restoring import restored
from sugrm.labels.state import COUNTERS
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task

_PLAIN = ("human", "labels", "counters")
_FEATURES, _FILLED = "features.", "filled."


class BankedLabels(ABC):
    """Labels that move from an epoch on, by the banks of the batches before.

    Args:
        first_epoch: the first epoch whose batches move labels, from 1. With 1, labels move before
            the banks are full; the first step finds them empty and is counted as undefined.
    """

    def __init__(self, *, first_epoch: int) -> None:
        self._first_epoch = first_epoch
        self._state: BankedState | None = None

    @abstractmethod
    def moved(
        self, state: BankedState, output: ModelOutput, *, index: Tensor, epoch: int
    ) -> BankedState:
        """Return the state after the labels of a batch have moved.

        Args:
            state: the state before the step.
            output: the model's output, with features [B, D] for each task.
            index: [B] int64 rows of the batch's utterances, each at most once.
            epoch: number of the epoch, from 1.
        """

    @property
    def state(self) -> BankedState:
        """The present state.

        Raises:
            RuntimeError: `reset` has not been called.
        """
        if self._state is None:
            raise RuntimeError("label generation has no labels yet; call reset() first")
        return self._state

    def reset(self, human: Tensor, order: Tensor, *, batch_size: int) -> None:
        """Reset the state for a new training run; the order of the first pass is not used."""
        self._state = initial_state(human)

    def unimodal_labels(self, index: Tensor) -> dict[Task, Tensor]:
        """Return the [B] labels of each unimodal task for the rows ``index`` [B]."""
        labels = self.state.labels[:, index]
        return dict(zip(UNIMODAL_TASKS, labels, strict=True))

    def after_backward(self, output: ModelOutput, index: Tensor, *, epoch: int) -> None:
        """Update labels (from the first epoch on), then the banks."""
        state = self.state
        # Under autocast the sums over the banks would be taken in half precision.
        with torch.autocast(state.human.device.type, enabled=False):
            if epoch >= self._first_epoch:
                state = self.moved(state, output, index=index, epoch=epoch)
            self._state = with_features(state, output, index=index)

    def generated(self) -> dict[Task, Tensor]:
        """Return the [N] labels of each unimodal task."""
        return dict(zip(UNIMODAL_TASKS, self.state.labels, strict=True))

    def take_counters(self) -> dict[str, int]:
        """Return the counts since the last call and reset them (synchronises with the device)."""
        counts = self.state.counters.tolist()
        self._state = replace(self.state, counters=self.state.counters.new_zeros(len(COUNTERS)))
        return dict(zip(COUNTERS, counts, strict=True))

    def state_dict(self) -> dict[str, Tensor]:
        """Return the tensors of the state; names of a bank's tensors end with its task's letter."""
        tensors = {name: getattr(self.state, name) for name in _PLAIN}
        for task, bank in self.state.banks.items():
            tensors[_FEATURES + task] = bank.features
            tensors[_FILLED + task] = bank.filled
        return tensors

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state_dict` returned, on the device of `reset`.

        Raises:
            ValueError: if a tensor is missing or is of another training split's size.
        """
        tasks = [task for task in Task if _FEATURES + task in state or _FILLED + task in state]
        banked = [part + task for task in tasks for part in (_FEATURES, _FILLED)]
        tensors = restored(state, (*_PLAIN, *banked), human=self.state.human)
        banks = {
            task: Bank(features=tensors[_FEATURES + task], filled=tensors[_FILLED + task])
            for task in tasks
        }
        self._state = BankedState(**{name: tensors[name] for name in _PLAIN}, banks=banks)
