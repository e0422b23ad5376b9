"""Self-MM's encoders: the first token of the text, an LSTM each for audio and vision.

F_t is the text encoder's last hidden state at the first token ([CLS]); F_s = W dropout(h) + b with
h the LSTM's state at the stream's last real step. Source: Yu et al., AAAI 2021, the feature
extraction of Figure 2, and its released code (github.com/thuiar/Self-MM,
models/multiTask/SELF_MM.py). Each utterance is read at its own last step
(``sugrm.modules.shrinking_lstm``).
"""

from collections.abc import Mapping

from torch import Tensor, nn

from sugrm.modules.lstm import LSTM
from sugrm.modules.shrinking_lstm import last_states
from sugrm.types import Modality


class SubNetwork(nn.Module):
    """LSTM, dropout and a linear layer.

    Args:
        in_width: D, the width of the frames.
        hidden: D, the width of the LSTM's state.
        out_width: D, the width of the vector.
        dropout: dropout probability on the LSTM's last state.
    """

    def __init__(self, in_width: int, *, hidden: int, out_width: int, dropout: float) -> None:
        super().__init__()
        self.out_width = out_width
        self.lstm = LSTM(in_width, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(hidden, out_width)

    def forward(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, out_width] from [B, T, D] frames and [B] lengths."""
        last = last_states(self.lstm, frames, lengths=lengths)
        vector: Tensor = self.project(self.dropout(last))
        return vector


class SubNetworks(nn.Module):
    """Encode each stream alone into a vector of its own width.

    Args:
        text_width: D, the width of the text features; None where the text is not read.
        audio: the encoder of the audio; None where it is not read.
        vision: the encoder of the vision; None where it is not read.
    """

    def __init__(
        self, text_width: int | None, *, audio: SubNetwork | None, vision: SubNetwork | None
    ) -> None:
        super().__init__()
        self.audio_encoder = audio
        self.vision_encoder = vision
        widths = {
            Modality.TEXT: text_width,
            Modality.AUDIO: None if audio is None else audio.out_width,
            Modality.VISION: None if vision is None else vision.out_width,
        }
        self.out_widths = {m: width for m, width in widths.items() if width is not None}

    def forward(
        self, sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> dict[Modality, Tensor]:
        """Return a vector [B, D] for each stream from [B, T, D] frames and [B] lengths."""
        vectors: dict[Modality, Tensor] = {}
        if Modality.TEXT in self.out_widths:
            vectors[Modality.TEXT] = sequences[Modality.TEXT][:, 0]
        if self.audio_encoder is not None:
            audio = Modality.AUDIO
            vectors[audio] = self.audio_encoder(sequences[audio], lengths[audio])
        if self.vision_encoder is not None:
            vision = Modality.VISION
            vectors[vision] = self.vision_encoder(sequences[vision], lengths[vision])
        return vectors
