"""Self-MM's label generation as an objective uses it."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from sugrm.labels.restoring import restored
from sugrm.labels.self_mm_state import Bank, SelfMmState, initial_state, with_features, with_labels
from sugrm.labels.state import COUNTERS
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task

_PLAIN = ("human", "labels", "counters")
_FEATURES, _FILLED = "features.", "filled."


class SelfMmLabels:
    """Self-MM's label generation (Yu et al. 2021) over a whole training run.

    Args:
        bound: H, the largest absolute value of a shifted label before the momentum, above 0.
        exclude_zero: True counts label 0 to neither centre, False to the positive one.
        first_epoch: the first epoch whose batches move labels, from 1. With 1, labels move before
            the banks are full; the first step finds no centre and is counted as undefined.
    """

    def __init__(self, *, bound: float, exclude_zero: bool, first_epoch: int) -> None:
        self._bound = bound
        self._exclude_zero = exclude_zero
        self._first_epoch = first_epoch
        self._state: SelfMmState | None = None

    @property
    def state(self) -> SelfMmState:
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
        # Under autocast the means over the banks would be taken in half precision.
        with torch.autocast(state.human.device.type, enabled=False):
            if epoch >= self._first_epoch:
                state = with_labels(
                    state,
                    output,
                    index=index,
                    epoch=epoch,
                    bound=self._bound,
                    exclude_zero=self._exclude_zero,
                )
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
        self._state = SelfMmState(**{name: tensors[name] for name in _PLAIN}, banks=banks)
