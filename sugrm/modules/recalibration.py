"""Modality recalibration module (MRM): each modality's features gated by those of all.

The streams are squeezed to their means S_s over time, joined into one bottleneck
Z = ReLU(W_z [S_a; S_v; S_t] + b_z), and each feature is scaled by a gate between 0 and 2,
F~_s = 2 sigmoid(W_s Z + b_s) * F_s.

Source: Hwang & Kim 2023, Section 3.2.1. The paper gives no width for Z; the released code's is a
quarter of all features, and it squeezes over the padded length where the paper has the
sequence's. An absent stream squeezes to 0. The paper joins three streams; of fewer, the bottleneck
reads and gates those that are left, at a quarter of their features. With one stream nothing is left
to gate it by: systems then take ``NoRecalibration`` (``sugrm.models.build.build_recalibration``).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.modules.positions import mean_of_frames
from sugrm.types import Modality

_ORDER = (Modality.AUDIO, Modality.VISION, Modality.TEXT)
_REDUCTION = 4


class Recalibration(nn.Module):
    """Scale the features of every stream by gates computed from all streams.

    Args:
        widths: stream -> D, the width of its features; at least two streams.
    """

    def __init__(self, widths: Mapping[Modality, int]) -> None:
        super().__init__()
        self.streams = tuple(m for m in _ORDER if m in widths)
        total = sum(widths.values())
        bottleneck = max(1, total // _REDUCTION)
        self.squeeze = nn.Linear(total, bottleneck)
        self.excite = nn.ModuleDict({m: nn.Linear(bottleneck, widths[m]) for m in self.streams})

    def forward(
        self, sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> dict[Modality, Tensor]:
        """Return the [B, T, D] recalibrated streams.

        Args:
            sequences: stream -> [B, T, D] features.
            lengths: stream -> [B] int64 number of frames that count in the mean.
        """
        means = [mean_of_frames(sequences[m], lengths[m]) for m in self.streams]
        joint = torch.relu(self.squeeze(torch.cat(means, dim=-1)))
        return {
            m: 2 * torch.sigmoid(self.excite[m](joint))[:, None] * sequences[m]
            for m in self.streams
        }


class NoRecalibration(nn.Module):
    """Leave every stream as it is: the ablation of MRM, and what is left of it for one stream."""

    def forward(
        self, sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> dict[Modality, Tensor]:
        """Return the streams unchanged."""
        return dict(sequences)
