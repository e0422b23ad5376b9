"""What training reports: plain values, ready for a ledger or a log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """The record of one epoch.

    Attributes:
        epoch: number of the epoch, from 1.
        seconds: seconds of training and validation.
        train_loss: mean of the training loss over the batches.
        valid: metric name -> value on validation, ``loss`` among them.
        counters: rule -> number of utterance-steps at which it had no defined value in label
            generation.
        labels: task letter -> [N] generated labels after the epoch; empty without a generator.
        label_truth: task letter -> correlation of these labels with the modality's own sentiment
            (of a synthetic corpus, or a human label of the modality alone); NaN where undefined,
            empty where the corpus does not know it.
        human_truth: task letter -> correlation of the human label of the utterance with the
            modality's own sentiment.
    """

    epoch: int
    seconds: float
    train_loss: float
    valid: Mapping[str, float]
    counters: Mapping[str, int]
    labels: Mapping[str, Floats] = field(default_factory=dict)
    label_truth: Mapping[str, float] = field(default_factory=dict)
    human_truth: Mapping[str, float] = field(default_factory=dict)

    def to_state(self) -> dict[str, Any]:
        """Return plain values and tensors, which torch's restricted loader reads back."""
        labels = {task: torch.tensor(values) for task, values in self.labels.items()}
        return {**asdict(self), "labels": labels}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "EpochRecord":
        """Return the record that ``to_state`` described."""
        labels = {task: values.numpy() for task, values in state["labels"].items()}
        return cls(**{**state, "labels": labels})


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPredictions:
    """Predictions at the best epoch for a split, or for some of its rows.

    Attributes:
        ids: [N] names of the utterances, in the order of the split.
        labels: [N] human sentiment.
        predictions: task letter -> [N] predicted sentiment.
    """

    ids: list[str]
    labels: Floats
    predictions: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FitResult:
    """A finished fit, scored at its best validation epoch.

    Attributes:
        model: the model at its best epoch, in evaluation mode. With a frozen text encoder it takes
            ``Batch.text_features``, that encoder's hidden states, in place of token ids.
        epochs: number of epochs trained.
        best_epoch: number of the epoch with the best ``monitor`` on validation, from 1.
        monitor: the validation metric that chose the best epoch.
        valid: metric name -> value on validation at the best epoch.
        test: metric name -> value on test at the best epoch, scored once.
        predictions: split name -> predictions, for ``valid`` and ``test``.
        parameters: number of weights of the model, a frozen text encoder's among them.
        trainable_parameters: number of weights that are trained.
        seconds: seconds of all epochs.
        seconds_per_epoch: mean seconds of an epoch.
        inference_seconds: seconds of predicting the whole test split once; the time in which a
            frozen text encoder computed its states is added.
        peak_memory_mib: peak memory in MiB since the fit began or was resumed: of the tensors on a
            GPU; on a CPU of the whole process, None where that cannot be measured (other systems
            than Linux).
        device: the device that the fit ran on.
        precision: the number format that it computed in: ``float32``, ``bfloat16`` or ``float16``.
    """

    model: nn.Module
    epochs: int
    best_epoch: int
    monitor: str
    valid: Mapping[str, float]
    test: Mapping[str, float]
    predictions: Mapping[str, SplitPredictions]
    parameters: int
    trainable_parameters: int
    seconds: float
    seconds_per_epoch: float
    inference_seconds: float
    peak_memory_mib: float | None
    device: str
    precision: str

    def __repr__(self) -> str:
        """Return the best epoch and the MAE on validation and test."""
        mae = ", ".join(
            f"{split} mae {values['mae']:.4g}"
            for split, values in (("valid", self.valid), ("test", self.test))
            if "mae" in values
        )
        return f"FitResult(epoch {self.best_epoch} of {self.epochs} was best, {mae})"
