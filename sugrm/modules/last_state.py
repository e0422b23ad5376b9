"""An LSTM that turns one stream into its last state.

Each utterance is read at its own last step (``sugrm.modules.shrinking_lstm``). An absent stream
gives zeros.
"""

from torch import Tensor, nn

from sugrm.modules.lstm import LSTM
from sugrm.modules.shrinking_lstm import last_states


class LastStateLstm(nn.Module):
    """Read a sequence and return its last state.

    Args:
        in_width: D, the width of the frames.
        width: D, the width of the hidden state.
        depth: number of stacked layers, at least 1.
        dropout: dropout probability between the layers.
    """

    def __init__(self, in_width: int, width: int, *, depth: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        between = dropout if depth > 1 else 0.0  # torch warns where no layer follows
        self.lstm = LSTM(in_width, width, depth, dropout=between, batch_first=True)

    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, width], zero where the stream is absent.

        Args:
            sequence: [B, T, D] frames.
            lengths: [B] int64 number of real frames; 0 marks an absent stream.
        """
        return last_states(self.lstm, sequence, lengths=lengths) * (lengths > 0)[:, None]
