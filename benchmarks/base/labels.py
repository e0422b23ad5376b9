"""Unimodal labels by the released rule, one utterance at a time."""

from collections.abc import Mapping

import torch
from torch import Tensor

from sugrm.types import UNIMODAL_TASKS, Task


class PlainLabels:
    """Generated labels of N training utterances; see `sugrm.labels.generator.SugrmLabels`.

    Args:
        human: [N] human labels in [-3, 3].
        order: [N] rows in the order of the first pass. After each batch all utterances labelled +3
            or -3 so far are added to the lists once more.
        batch_size: utterances of a batch of that pass.
        width: D, the width of the features.
    """

    def __init__(self, human: Tensor, order: Tensor, *, batch_size: int, width: int) -> None:
        self.human = human
        self.labels = {task: human.clone() for task in UNIMODAL_TASKS}
        self.bank = torch.zeros(len(human), width)
        self.positive = self.negative = torch.zeros(width)
        self.highest: list[int] = []
        self.lowest: list[int] = []
        for end in range(batch_size, len(order) + batch_size, batch_size):
            seen = order[:end]
            self.highest += seen[human[seen] == 3].tolist()
            self.lowest += seen[human[seen] == -3].tolist()

    def update(self, features: Mapping[Task, Tensor], index: Tensor, *, epoch: int) -> None:
        """Move the labels of a batch, then store its features, then the centres.

        Args:
            features: task -> [B, D] features.
            index: [B] rows of the utterances.
            epoch: number of the epoch, from 1; labels move from the second on.
        """
        fusion = features[Task.MULTIMODAL]
        if epoch > 1:
            largest, fusion_ratio = self._largest(), self._ratios(fusion)
            for task in UNIMODAL_TASKS:
                distance = torch.linalg.vector_norm(fusion - features[task], dim=1)
                size = 6 * distance.clamp(max=largest) / largest
                further = self._ratios(features[task]) - fusion_ratio
                self._move(self.labels[task], index, size=size, further=further, epoch=epoch)
        self.bank[index] = fusion
        self.positive = self.bank[self.human >= 0].mean(dim=0)
        self.negative = self.bank[self.human < 0].mean(dim=0)

    def _largest(self) -> Tensor:
        highest = torch.stack([self.bank[row] for row in self.highest]).mean(dim=0)
        lowest = torch.stack([self.bank[row] for row in self.lowest]).mean(dim=0)
        return torch.linalg.vector_norm(highest - lowest)

    def _ratios(self, features: Tensor) -> Tensor:
        to_positive = torch.linalg.vector_norm(features - self.positive, dim=1)
        return to_positive / torch.linalg.vector_norm(features - self.negative, dim=1)

    def _move(
        self, labels: Tensor, index: Tensor, *, size: Tensor, further: Tensor, epoch: int
    ) -> None:
        """Move labels [N]; ``further`` [B] is the modality's ratio D_p / D_n less the fusion's."""
        for place, row in enumerate(index):
            target = self.human[row]
            if further[place] > 0:
                target = (target - size[place]).clamp(-3, 3)
            elif further[place] < 0:
                target = (target + size[place]).clamp(-3, 3)
            labels[row] = (epoch - 1) / (epoch + 1) * labels[row] + 2 / (epoch + 1) * target
