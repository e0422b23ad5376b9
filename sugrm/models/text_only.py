"""The text encoder alone: what a multimodal system has to beat with the same encoder.

The mean of the hidden states over the real tokens, one hidden layer, one output. No system of
the paper; with the same encoder it does as well as the released SUGRM in a third of the epochs.
"""

import torch
from torch import Tensor, nn

from sugrm.config.models import TextOnlyConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.modules.heads import OneLayerHead
from sugrm.modules.positions import mean_of_frames
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput


class TextOnly(nn.Module):
    """Predict the sentiment from the text.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        text_width: D, the width of the text features.
        width: D, the width of the hidden layer.
        dropout: dropout probability before the output layer.
    """

    def __init__(
        self, text_encoder: TextEncoder | None, text_width: int, *, width: int, dropout: float
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.head = OneLayerHead(text_width, width, dropout=dropout)

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B] and the hidden layer [B, width]."""
        sequences = read_sequences(batch, self.text_encoder)
        lengths = read_lengths(batch, sequences, true=True)
        mean: Tensor = mean_of_frames(sequences[Modality.TEXT], lengths[Modality.TEXT])
        with torch.autocast(mean.device.type, enabled=False):
            return multimodal_output(*self.head(mean.float()))


def build_text_only(config: TextOnlyConfig, inputs: ModelInputs) -> TextOnly:
    """Return the text-only system."""
    return TextOnly(
        inputs.text_encoder,
        inputs.widths[Modality.TEXT],
        width=config.width,
        dropout=config.output_dropout,
    )
