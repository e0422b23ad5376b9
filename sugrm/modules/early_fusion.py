"""Joining aligned streams frame by frame: early fusion.

Step t of the result is [x_t; x_a; x_v] at t. The result is as long as the text where the text is
among the streams, else as long as the longest stream. A stream that has no frame at t, because it
is absent or has ended, puts zeros there.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from sugrm.modules.positions import real_frames
from sugrm.types import Modality


def joined_frames(
    sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
) -> tuple[Tensor, Tensor]:
    """Return the joined sequence and its lengths.

    Args:
        sequences: stream -> [B, T, D] frames; the padding T may differ between streams.
        lengths: stream -> [B] int64 number of real frames.

    Returns:
        [B, T, sum of D] frames and [B] int64 lengths.
    """
    leading = (Modality.TEXT,) if Modality.TEXT in sequences else tuple(sequences)
    steps = max(sequences[m].shape[1] for m in leading)
    own = torch.stack([lengths[m] for m in leading]).amax(0)
    parts = [_fitted(sequences[m], lengths[m], steps=steps) for m in sequences]
    return torch.cat(parts, dim=-1), own


def _fitted(sequence: Tensor, lengths: Tensor, *, steps: int) -> Tensor:
    """Return [B, steps, D] with zeros past the real frames."""
    fitted = F.pad(sequence, (0, 0, 0, steps - sequence.shape[1]))  # a negative pad cuts
    return torch.where(real_frames(lengths, steps)[..., None], fitted, 0.0)
