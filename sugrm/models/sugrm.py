"""SUGRM: recalibrated features, a sequence encoder, one head for each task.

Source: Hwang & Kim 2023, Section 3.2, Figure 1. The text encoder's hidden states and the audio and
vision frames are recalibrated by one another (MRM), each stream is encoded to one vector F_s
(SPT), the fusion head reads [F_t; F_a; F_v], each unimodal head its own F_s. Departure: an absent
stream, one without a real frame, gives a zero vector to the fusion head.

The paper always reads three streams; here each may be left out (``modalities``). Two streams gate
and attend to each other. One stream is neither recalibrated nor attends to another, and F_m and its
own head read the same vector F_s. A stream that is left out has no weights at all, unlike one that
is absent from an utterance.
"""

from collections.abc import Mapping

from torch import nn

from sugrm.models.inputs import read_lengths, read_sequences
from sugrm.models.task_heads import read_heads
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput, Task


class Sugrm(nn.Module):
    """Predict the multimodal and the unimodal sentiments of a batch.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        projections: stream -> module that projects its features before recalibration,
            ``nn.Identity`` for none; these streams are read.
        recalibration: gates the features of the streams by one another (MRM, Section 3.2.1).
        encoder: turns the streams into one vector each.
        heads: task -> head (Section 3.2.2).
        true_lengths: True reads the real frames only; False lets padding count as frames, as the
            released code does.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        *,
        projections: Mapping[Modality, nn.Module],
        recalibration: nn.Module,
        encoder: nn.Module,
        heads: Mapping[Task, nn.Module],
        true_lengths: bool,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.streams = tuple(projections)
        self.projections = nn.ModuleDict({m.value: part for m, part in projections.items()})
        self.recalibration = recalibration
        self.encoder = encoder
        self.heads = nn.ModuleDict({task.value: head for task, head in heads.items()})
        self.true_lengths = true_lengths

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the predictions [B] and features [B, width] of every head's task."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = read_lengths(batch, sequences, true=self.true_lengths)
        for m in self.streams:
            sequences[m] = self.projections[m](sequences[m])
        encoded = self.encoder(self.recalibration(sequences, lengths), lengths)
        return read_heads(self.heads, encoded, lengths=lengths)
