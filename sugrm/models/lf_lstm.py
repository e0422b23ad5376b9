"""LF-LSTM: one LSTM per stream, their last states joined.

h_s = LSTM_s(x_s) for each stream s, y = W2 ReLU(W1 [h_t; h_a; h_v] + b1) + b2.

Source: the baseline of Tsai et al., ACL 2019 (MulT), Tables 1 and 2, who print no equations and
release no code for it; the head is that of EF-LSTM. Departures: the text encoder's states in place
of GloVe; the last real state of each stream. An absent stream has the state 0.
"""

from collections.abc import Mapping

import torch
from torch import nn

from sugrm.config.models import LfLstmConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.models.streams import STREAM_ENCODERS
from sugrm.modules.heads import OneLayerHead
from sugrm.modules.last_state import LastStateLstm
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput


class LfLstm(nn.Module):
    """Predict the sentiment from the streams' last states.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        widths: stream -> D, the width of its frames; all of these streams are read.
        state_widths: stream -> D, the width of its LSTM's state.
        width: D, the width of the head's hidden layer.
        dropout: dropout probability on the head's hidden layer.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        widths: Mapping[Modality, int],
        *,
        state_widths: Mapping[Modality, int],
        width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.streams = tuple(widths)
        for m in self.streams:
            self.add_module(STREAM_ENCODERS[m], LastStateLstm(widths[m], state_widths[m]))
        joined = sum(state_widths[m] for m in self.streams)
        self.head = OneLayerHead(joined, width, dropout=dropout)

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B] and the hidden layer [B, width]."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = read_lengths(batch, sequences, true=True)
        states = [
            self.get_submodule(STREAM_ENCODERS[m])(sequences[m], lengths[m]) for m in self.streams
        ]
        state = torch.cat(states, dim=-1)
        with torch.autocast(state.device.type, enabled=False):
            return multimodal_output(*self.head(state.float()))


def build_lf_lstm(config: LfLstmConfig, inputs: ModelInputs) -> LfLstm:
    """Return LF-LSTM."""
    return LfLstm(
        inputs.text_encoder,
        {m: inputs.widths[m] for m in config.modalities},
        state_widths={
            Modality.TEXT: config.text_width,
            Modality.AUDIO: config.audio_width,
            Modality.VISION: config.vision_width,
        },
        width=config.width,
        dropout=config.dropout,
    )
