"""The multitask loss: the multimodal task's and, weighted, those of the modalities.

    loss = mean(l(y^_m, y_m)) + sum over s of mean(w_s * l(y^_s, y_s)) + auxiliary losses

with l one of L1, L2, Huber and w_s = tanh(abs(y_s - y_m)). Source: Section 3.4 of the paper, and
its Table 8 for l. The means divide by B; an utterance whose stream s is absent adds 0 to s's
sum, so its other terms weigh what they weigh in a batch where all are present.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sugrm.labels.generator import LabelGenerator
from sugrm.objectives.auxiliary import AuxiliaryLoss
from sugrm.objectives.losses import ElementwiseLoss, LossWeight
from sugrm.types import UNIMODAL_TASKS, Batch, ModelOutput, Task


class MultitaskObjective:
    """The loss of a training step, and the labels that it learns from.

    A step calls `loss`, then after the backward pass `after_backward`; so the labels in the loss
    are those from before the step.

    Args:
        tasks: the tasks to learn; a unimodal task that the model's output lacks is left out.
        elementwise: the loss of each prediction, [B] and [B] -> [B].
        weigh: the weight of each unimodal loss, from unimodal and human labels [B] -> [B].
        generator: the generator of the unimodal labels.
        batch_size: utterances of a batch of the first pass, see `sugrm.labels.extremes`.
        auxiliary: a scalar loss of the output alone that is added in training; 0 by default.
    """

    def __init__(
        self,
        *,
        tasks: tuple[Task, ...],
        elementwise: ElementwiseLoss,
        weigh: LossWeight,
        generator: LabelGenerator,
        batch_size: int,
        auxiliary: AuxiliaryLoss = lambda output: 0.0,
    ) -> None:
        self._unimodal = tuple(task for task in UNIMODAL_TASKS if task in tasks)
        self._elementwise = elementwise
        self._weigh = weigh
        self._generator = generator
        self._batch_size = batch_size
        self._auxiliary = auxiliary

    def reset(self, labels: Tensor, order: Tensor, *, device: torch.device | str) -> None:
        """Reset the labels for a new training run.

        Args:
            labels: [N] human labels, in the order of the split.
            order: [N] int64 shuffled rows of the first pass, a permutation. Only
                ``extremes="shuffle"`` depends on it.
            device: the device of the training batches.
        """
        self._generator.reset(labels.to(device), order.to(device), batch_size=self._batch_size)

    def loss(self, output: ModelOutput, batch: Batch) -> Tensor:
        """Return the scalar loss of a training batch.

        Raises:
            ValueError: if the batch has no labels or no index.
        """
        human, index = _targets(batch)
        total = self.evaluation_loss(output.predictions[Task.MULTIMODAL], human)
        labels = self._generator.unimodal_labels(index)
        for task in self._unimodal:
            if task in output.predictions:
                weight = self._weigh(labels[task], human)
                errors = self._elementwise(output.predictions[task].float(), labels[task])
                weighted = torch.where(output.present[task], weight * errors, 0.0)
                total = total + weighted.mean()
        return total + self._auxiliary(output)

    def evaluation_loss(self, predictions: Tensor, labels: Tensor) -> Tensor:
        """Return the mean loss of multimodal predictions [B] against human labels [B]."""
        return self._elementwise(predictions.float(), labels.float()).mean()

    def after_backward(self, output: ModelOutput, batch: Batch, *, epoch: int) -> None:
        """Update the labels from a batch's features, before the optimiser's step.

        Args:
            output: the output from which the loss was computed.
            batch: the batch of that output.
            epoch: number of the epoch, from 1.
        """
        _, index = _targets(batch)
        self._generator.after_backward(output, index, epoch=epoch)

    def take_counters(self) -> dict[str, int]:
        """Return the counters since the last call and reset them (synchronises: epoch's end)."""
        return self._generator.take_counters()

    def labels(self) -> dict[str, NDArray[np.float32]]:
        """Return a copy of the generated labels [N] by task letter; empty without a generator."""
        generated = self._generator.generated()
        return {
            task.value: generated[task].cpu().numpy().copy()
            for task in self._unimodal
            if task in generated
        }

    def state_dict(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold to continue bit for bit."""
        return self._generator.state_dict()

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state_dict` returned; call `reset` first."""
        self._generator.load_state_dict(state)


def _targets(batch: Batch) -> tuple[Tensor, Tensor]:
    if batch.labels is None or batch.index is None:
        raise ValueError(
            "a training batch has no labels or no index; expected both: build batches from a"
            " training split with sugrm.data.collate"
        )
    return batch.labels.float(), batch.index
