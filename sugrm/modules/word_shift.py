"""RAVEN's parts: nonverbal sub-networks, gated modality-mixing, multimodal shifting.

Source: Wang et al., AAAI 2019, the sections of these names. For word i with embedding e
and, of each stream s, the frames S within it:

    h_s = LSTM_s(S)                                nonverbal sub-network, its last state
    w_s = sigmoid(W_hs [h_s; e] + b_s)             attention gate, a number
    h_m = sum over s of w_s (W_s h_s) + b_h        nonverbal shift vector
    e_m = e + alpha h_m,  alpha = min(|e| / |h_m| * beta, 1)

Departures are listed in `sugrm.models.raven`.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from sugrm.modules.lstm import LSTM

_LEAST_NORM = 1e-12


def _word_by_word(frames: Tensor) -> Tensor:
    return frames.flatten(0, 1)[:, None]  # [B, T, D] -> [B * T, 1, D]


def _whole_utterance(frames: Tensor) -> Tensor:
    return frames


SPANS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "word": _word_by_word,
    "utterance": _whole_utterance,
}
"""How far a nonverbal LSTM runs -> [B, T, D] frames as the sequences that it reads."""


class NonverbalNetwork(nn.Module):
    """Encode the frames of each word into one nonverbal state.

    Args:
        in_width: D, the width of the frames.
        frame_width: width to which the frames are projected.
        width: D, the width of the LSTM's state.
        span: how far the LSTM runs, a key of ``SPANS``.
        dropout: dropout probability on the frames.
    """

    def __init__(
        self, in_width: int, *, frame_width: int, width: int, span: str, dropout: float
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(in_width, frame_width)
        self.lstm = LSTM(frame_width, width, batch_first=True)
        self.split = SPANS[span]

    def forward(self, frames: Tensor, real: Tensor) -> Tensor:
        """Return h_s [B, T, width], 0 at a word without a frame.

        Args:
            frames: [B, T, D] frames, one for each word.
            real: [B, T] bool, True where the frame is real.
        """
        states, _ = self.lstm(self.split(self.project(self.dropout(frames))))
        by_word: Tensor = states.reshape(*real.shape, -1)
        return by_word.masked_fill(~real[..., None], 0.0)


class GatedMixing(nn.Module):
    """Mix nonverbal states into the shift vector of each word.

    Args:
        streams: number of nonverbal streams, at least 1.
        width: D, the width of a nonverbal state.
        word_width: D, the width of the words.
    """

    def __init__(self, streams: int, width: int, *, word_width: int) -> None:
        super().__init__()
        self.gates = nn.ModuleList([nn.Linear(width + word_width, 1) for _ in range(streams)])
        self.mix = nn.Linear(streams * width, word_width)  # every W_s side by side, and b_h

    def forward(self, states: list[Tensor], words: Tensor) -> Tensor:
        """Return h_m [B, T, D] from a [B, T, width] for each stream and the words [B, T, D]."""
        gated = [
            gate(torch.cat([state, words], -1)).sigmoid() * state
            for gate, state in zip(self.gates, states, strict=True)
        ]
        shift: Tensor = self.mix(torch.cat(gated, -1))
        return shift


def shifted(words: Tensor, shift: Tensor, *, bound: float) -> Tensor:
    """Return e_m, every word moved by at most ``bound`` of its own length.

    Args:
        words: [B, T, D] words e.
        shift: [B, T, D] shift vectors h_m.
        bound: beta, the largest shift as a share of the word's length, above 0.
    """
    length, reach = words.norm(dim=-1, keepdim=True), shift.norm(dim=-1, keepdim=True)
    scale = (bound * length / reach.clamp(min=_LEAST_NORM)).clamp(max=1.0)
    moved: Tensor = words + scale * shift
    return moved
