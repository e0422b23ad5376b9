"""The modality embedding subnetworks of the tensor fusion network.

Language: an LSTM over the words, then two layers of ReLU units, z_l. Vision and acoustics: the mean
of the frames, then three layers of ReLU units, z_v and z_a, with dropout.

Source: Zadeh et al., EMNLP 2017, Section 4.1. Departures: the layers after the LSTM read its last
real state, because the paper's matrix of all states fits only one length; the mean is over real
frames; an absent stream gives z = 0. Dropout follows each layer, which is our reading.
"""

from itertools import pairwise

from torch import Tensor, nn

from sugrm.modules.last_state import LastStateLstm
from sugrm.modules.positions import mean_of_frames

_TEXT_LAYERS = 2
_FRAME_LAYERS = 3


class LanguageEmbedding(nn.Module):
    """Embed the text.

    Args:
        in_width: D, the width of the text features.
        width: D, the width of the embedding and of the LSTM's state.
    """

    def __init__(self, in_width: int, width: int) -> None:
        super().__init__()
        self.reader = LastStateLstm(in_width, width)
        self.layers = _relu_layers([width] * (_TEXT_LAYERS + 1), dropout=0.0)

    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Return z [B, width] from [B, T, D] tokens and [B] lengths; 0 where absent."""
        embedding: Tensor = self.layers(self.reader(sequence, lengths))
        return embedding * (lengths > 0)[:, None]


class FrameEmbedding(nn.Module):
    """Embed the audio or the vision.

    Args:
        in_width: D, the width of the frames.
        width: D, the width of the embedding.
        dropout: dropout probability after each layer.
    """

    def __init__(self, in_width: int, width: int, *, dropout: float) -> None:
        super().__init__()
        self.layers = _relu_layers([in_width] + [width] * _FRAME_LAYERS, dropout=dropout)

    def forward(self, sequence: Tensor, lengths: Tensor) -> Tensor:
        """Return z [B, width] from [B, T, D] frames and [B] lengths; 0 where absent."""
        embedding: Tensor = self.layers(mean_of_frames(sequence, lengths))
        return embedding * (lengths > 0)[:, None]


def _relu_layers(widths: list[int], *, dropout: float) -> nn.Sequential:
    layers = nn.Sequential()
    for d, width in pairwise(widths):
        layers.extend([nn.Linear(d, width), nn.ReLU(), nn.Dropout(dropout)])
    return layers
