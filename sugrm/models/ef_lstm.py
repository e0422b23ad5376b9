"""EF-LSTM: the streams joined frame by frame, one LSTM over them.

x_n = [x_t; x_a; x_v] at step n, h = LSTM(x_1, ..., x_N), y = W2 ReLU(W1 h + b1) + b2.

Source: Williams et al., ACL 2018 workshop on human multimodal language (input-level fusion), as the
baseline of Tsai et al., ACL 2019 (MulT), Tables 1 and 2, which pairs it with CTC on unaligned
input. They print no equations; the layers are those of the EF-LSTM in the code that Zadeh et al.,
AAAI 2018, released for MFN. Departures: the text encoder's states in place of GloVe; the last real
state in place of the last padded one; one direction, as in that code, where Williams et al. run
both; no batch normalisation over the positions, which MMSA's version adds and which is tied to one
padded length. An absent stream joins as zeros; an utterance without text, where the text is among
the streams, has the state 0.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.config.models import EfLstmConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.modules.alignment import CtcAlignment
from sugrm.modules.early_fusion import joined_frames
from sugrm.modules.heads import OneLayerHead
from sugrm.modules.last_state import LastStateLstm
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import AlignmentScores, Batch, Modality, ModelOutput


class EfLstm(nn.Module):
    """Predict the sentiment from the joined streams.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        widths: stream -> D, the width of its frames; all of these streams are joined.
        alignments: stream -> module that aligns it to the text, for streams that are not aligned
            yet.
        width: D, the width of the LSTM's state and of the head's hidden layer.
        depth: number of stacked LSTM layers, at least 1.
        dropout: dropout probability between the LSTM layers and on the head's hidden layer.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        widths: Mapping[Modality, int],
        *,
        alignments: Mapping[Modality, CtcAlignment],
        width: int,
        depth: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.streams = tuple(widths)
        self.alignments = nn.ModuleDict({m.value: part for m, part in alignments.items()})
        self.encoder = LastStateLstm(sum(widths.values()), width, depth=depth, dropout=dropout)
        self.head = OneLayerHead(width, width, dropout=dropout)

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B], the hidden layer [B, width] and the CTC scores."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = read_lengths(batch, sequences, true=True)
        found = self._align(sequences, lengths)
        state = self.encoder(*joined_frames(sequences, lengths))
        with torch.autocast(state.device.type, enabled=False):
            hidden, prediction = self.head(state.float())
            return multimodal_output(hidden, prediction, alignments=found)

    def _align(
        self, sequences: dict[Modality, Tensor], lengths: dict[Modality, Tensor]
    ) -> tuple[AlignmentScores, ...]:
        """Put the aligned streams and their lengths in place of those given."""
        found = []
        for name, alignment in self.alignments.items():
            m = Modality(name)
            sequences[m], lengths[m], scores = alignment(
                sequences[m],
                lengths[m],
                lengths[Modality.TEXT],
                steps=sequences[Modality.TEXT].shape[1],
            )
            found.append(scores)
        return tuple(found)


def build_ef_lstm(config: EfLstmConfig, inputs: ModelInputs) -> EfLstm:
    """Return EF-LSTM, with CTC alignment of audio and vision where the corpus is unaligned."""
    widths = {m: inputs.widths[m] for m in config.modalities}
    given = tuple(Modality) if inputs.alignment == "aligned" else (Modality.TEXT,)
    return EfLstm(
        inputs.text_encoder,
        widths,
        alignments={
            m: CtcAlignment(widths[m], inputs.text_steps) for m in widths if m not in given
        },
        width=config.width,
        depth=config.depth,
        dropout=config.dropout,
    )
