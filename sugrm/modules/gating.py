"""Multimodal Adaptation Gate (MAG): audio and vision shift the states of a text encoder.

For token i with the state Z_i and the frames A_i and V_i that belong to it:

    g_i^s = ReLU(W_gs [Z_i; S_i] + b_gs)                         for s in {a, v}       (1, 2)
    H_i   = g_i^a * (W_a A_i + b_a) + g_i^v * (W_v V_i + b_v)                          (3)
    Z'_i  = Z_i + alpha_i H_i,  alpha_i = min(beta |Z_i| / |H_i|, 1)                   (4, 5)

and the result is dropout(LayerNorm(Z'_i)).

Source: Rahman et al. 2020 (ACL), equations 1 to 5, and ``modeling.py`` of the released code. Where
the two differ the code is followed: the paper adds one bias b_H to H_i, the code gives each
stream's projection a bias of its own within its gate. Departure: an absent stream has no term in
H_i. Where both are absent H_i is 0, but the state is normalised, as the layers above expect.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.modules.positions import real_frames
from sugrm.types import Modality

_LEAST_NORM = 1e-6  # of H, where it divides


class MultimodalAdaptationGate(nn.Module):
    """Shift text states by the frames that belong to them.

    Args:
        text_width: D, the width of the text states.
        widths: stream -> D', the width of its frames; each of these streams shifts the states.
        beta: largest size of a shift as a share of the state's size, above 0.
        dropout: dropout probability on the result.
    """

    def __init__(
        self, text_width: int, widths: Mapping[Modality, int], *, beta: float, dropout: float
    ) -> None:
        super().__init__()
        self.shifts = nn.ModuleDict({m: StreamShift(text_width, d) for m, d in widths.items()})
        self.beta = beta
        self.norm = nn.LayerNorm(text_width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, states: Tensor, frames: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> Tensor:
        """Return [B, T, D] shifted states.

        Args:
            states: [B, T, D] text states, one for each token.
            frames: stream -> [B, T', D'] frames; frame k belongs to token k. Steps that either side
                lacks are left out.
            lengths: stream -> [B] int64 number of real frames, 0 where the stream is absent.
        """
        terms = [
            shift(states, frames[Modality(name)], lengths[Modality(name)])
            for name, shift in self.shifts.items()
        ]
        displacement = torch.stack(terms).sum(0).float()
        text = states.float()
        size = displacement.norm(dim=-1, keepdim=True).clamp(min=_LEAST_NORM)
        scale = (self.beta * text.norm(dim=-1, keepdim=True) / size).clamp(max=1)
        shifted: Tensor = self.dropout(self.norm(text + scale * displacement))
        return shifted.to(states.dtype)


class StreamShift(nn.Module):
    """One stream's term of the displacement H, equations 1 to 3."""

    def __init__(self, text_width: int, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(text_width + width, text_width)
        self.project = nn.Linear(width, text_width)

    def forward(self, states: Tensor, frames: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, T, D] for states [B, T, D], 0 where there is no frame."""
        steps = states.shape[1]
        frames = nn.functional.pad(frames, (0, 0, 0, steps - frames.shape[1])).to(states.dtype)
        gate = self.gate(torch.cat([states, frames], dim=-1)).relu()
        real = real_frames(lengths, steps)[..., None]
        term: Tensor = gate * self.project(frames) * real
        return term


class NoGate(nn.Module):
    """Leave the states as they are: the text encoder alone."""

    def forward(
        self, states: Tensor, frames: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> Tensor:
        """Return the states."""
        return states
