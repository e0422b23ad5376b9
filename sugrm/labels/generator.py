"""Generators of unimodal labels as an objective uses them: the paper's, and none."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Protocol

from torch import Tensor

from sugrm.labels.extremes import EXTREME_WEIGHTS
from sugrm.labels.limits import LabelLimits
from sugrm.labels.restoring import restored
from sugrm.labels.state import COUNTERS, LabelState, initial_state, update_state
from sugrm.types import LABEL_BOUND, UNIMODAL_TASKS, ModelOutput, Task


class LabelGenerator(Protocol):
    """A source of the labels of the unimodal tasks.

    Call `reset` first, then `load_state_dict` to continue from a checkpoint.
    """

    def reset(self, human: Tensor, order: Tensor, *, batch_size: int) -> None:
        """Reset the state for a new training run.

        Args:
            human: [N] human labels of the training split, on the device of training.
            order: [N] int64 shuffled rows of the first pass, a permutation.
            batch_size: utterances of a batch of that pass, at least 1.
        """

    def unimodal_labels(self, index: Tensor) -> dict[Task, Tensor]:
        """Return the [B] labels of each unimodal task for the rows ``index`` [B]."""

    def after_backward(self, output: ModelOutput, index: Tensor, *, epoch: int) -> None:
        """Update the state from a batch, between its backward pass and the optimiser's step."""

    def generated(self) -> dict[Task, Tensor]:
        """Return the [N] labels generated so far; empty where none are generated."""

    def take_counters(self) -> dict[str, int]:
        """Return the counts since the last call and reset them (synchronises with the device)."""

    def state_dict(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold."""

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state_dict` returned."""


class SugrmLabels:
    """The paper's label generation (Section 3.3) over a whole training run.

    Args:
        clamp: shifted labels are clamped to +-``clamp`` before the momentum; None does not clamp.
        zero_is_positive: True counts label 0 to the positive centre, False to neither.
        extremes: how often utterances labelled +b and -b count in D_max, a key of
            `EXTREME_WEIGHTS`.
        first_epoch: the first epoch whose batches move labels, from 1. With 1, labels move before
            the bank is full; the first step finds D_max = 0 and is counted as undefined.
        label_bound: b, the largest absolute human label.
    """

    def __init__(
        self,
        *,
        clamp: float | None,
        zero_is_positive: bool,
        extremes: str,
        first_epoch: int,
        label_bound: float = LABEL_BOUND,
    ) -> None:
        if extremes not in EXTREME_WEIGHTS:
            known = ", ".join(EXTREME_WEIGHTS)
            raise ValueError(f"extremes is {extremes!r}; expected one of: {known}")
        self._limits = LabelLimits(bound=label_bound, clamp=clamp)
        self._zero_is_positive = zero_is_positive
        self._weigh_extremes = EXTREME_WEIGHTS[extremes]
        self._first_epoch = first_epoch
        self._state: LabelState | None = None

    @property
    def state(self) -> LabelState:
        """The present state.

        Raises:
            RuntimeError: `reset` has not been called.
        """
        if self._state is None:
            raise RuntimeError("label generation has no labels yet; call reset() first")
        return self._state

    def reset(self, human: Tensor, order: Tensor, *, batch_size: int) -> None:
        """Reset the state for a new training run; see `LabelGenerator`."""
        if order.shape != human.shape:
            raise ValueError(
                f"reset: an order of {len(order)} rows for {len(human)} labels;"
                " expected a permutation of all rows"
            )
        repetitions = self._weigh_extremes(order, batch_size)
        self._state = initial_state(
            human,
            repetitions,
            zero_is_positive=self._zero_is_positive,
            bound=self._limits.bound,
        )

    def unimodal_labels(self, index: Tensor) -> dict[Task, Tensor]:
        """Return the [B] labels of each unimodal task for the rows ``index`` [B]."""
        labels = self.state.labels[:, index]
        return dict(zip(UNIMODAL_TASKS, labels, strict=True))

    def after_backward(self, output: ModelOutput, index: Tensor, *, epoch: int) -> None:
        """Update labels (from the first epoch on), then the bank, then the means over it."""
        generate = epoch >= self._first_epoch
        update_state(
            self.state, output, index=index, generate=generate, epoch=epoch, limits=self._limits
        )

    def generated(self) -> dict[Task, Tensor]:
        """Return a copy of the [N] labels of each unimodal task."""
        return dict(zip(UNIMODAL_TASKS, self.state.labels.clone(), strict=True))

    def take_counters(self) -> dict[str, int]:
        """Return the counts since the last call and reset them (synchronises with the device)."""
        counts = self.state.counters.tolist()
        self.state.counters.zero_()
        return dict(zip(COUNTERS, counts, strict=True))

    def state_dict(self) -> dict[str, Tensor]:
        """Return copies of the tensors of `LabelState` by name."""
        return {field.name: getattr(self.state, field.name).clone() for field in fields(LabelState)}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state_dict` returned, on the device of `reset`.

        Raises:
            ValueError: if a tensor is missing or is of another training split's size.
        """
        names = [field.name for field in fields(LabelState)]
        self._state = LabelState(**restored(state, names, human=self.state.human))


class HumanLabels:
    """No generation: every unimodal task learns the human label."""

    def __init__(self) -> None:
        self._human: Tensor | None = None

    def reset(self, human: Tensor, order: Tensor, *, batch_size: int) -> None:
        """Store the [N] human labels; the order of the first pass is not used."""
        self._human = human.detach().float()

    def unimodal_labels(self, index: Tensor) -> dict[Task, Tensor]:
        """Return the [B] human labels for each unimodal task.

        Raises:
            RuntimeError: `reset` has not been called.
        """
        if self._human is None:
            raise RuntimeError("there are no human labels yet; call reset() first")
        labels = self._human[index]
        return dict.fromkeys(UNIMODAL_TASKS, labels)

    def after_backward(self, output: ModelOutput, index: Tensor, *, epoch: int) -> None:
        """Do nothing: human labels never move."""

    def generated(self) -> dict[Task, Tensor]:
        """Return nothing: no label is generated."""
        return {}

    def take_counters(self) -> dict[str, int]:
        """Return a 0 for every counter."""
        return dict.fromkeys(COUNTERS, 0)

    def state_dict(self) -> dict[str, Tensor]:
        """Return nothing: `reset` restores everything."""
        return {}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Accept the empty state."""
