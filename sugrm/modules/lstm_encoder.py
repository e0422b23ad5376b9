"""LSTM encoder: one LSTM per stream, read at its last real step.

Source: Hwang & Kim 2023, Table 4 (SPT -> LSTM), with the streams' own LSTMs of Self-MM
(Yu et al. 2021, Section 3.2). Each utterance is read at its own last step
(``sugrm.modules.shrinking_lstm``).
"""

from collections.abc import Mapping

from torch import Tensor, nn

from sugrm.modules.dropout import dropout
from sugrm.modules.lstm import LSTM
from sugrm.modules.shrinking_lstm import last_states
from sugrm.types import Modality


class LstmEncoder(nn.Module):
    """Encode each stream alone into one vector.

    Args:
        widths: stream -> D, the width of its frames.
        width: D, the width of the hidden state.
        depth: number of stacked layers, at least 1.
        embedding_dropout: dropout probability on the frames.
    """

    def __init__(
        self,
        widths: Mapping[Modality, int],
        width: int,
        *,
        depth: int,
        embedding_dropout: float,
    ) -> None:
        super().__init__()
        self.out_width = width
        self.embedding_dropout = embedding_dropout
        self.streams = nn.ModuleDict(
            {m: LSTM(d, width, depth, batch_first=True) for m, d in widths.items()}
        )

    def forward(
        self, sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> dict[Modality, Tensor]:
        """Return [B, width] for each stream from [B, T, D] frames and [B] lengths."""
        result = {}
        for name, lstm in self.streams.items():
            m = Modality(name)
            frames = dropout(sequences[m], self.embedding_dropout, training=self.training)
            result[m] = last_states(lstm, frames, lengths=lengths[m])
        return result
