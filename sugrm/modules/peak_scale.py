"""Scale features to [-1, 1] by the largest magnitude seen in training.

Source: the data loader of MCTN's released code, which divides the visual features by the largest
magnitude in the training split. Departures: the peak is found while training, so that it is the
split's after the first epoch; the acoustic features are scaled as well, because a decoder that
ends in a tanh cannot exceed 1.
"""

import torch
from torch import Tensor, nn


class PeakScale(nn.Module):
    """Divide each feature by its peak so far.

    Args:
        width: D, the width of the frames.
    """

    peak: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("peak", torch.zeros(width))

    @torch.no_grad()
    def forward(self, frames: Tensor) -> Tensor:
        """Update the peak and return [B, T, D] frames in [-1, 1]; no gradient passes."""
        self.peak.copy_(self.peak.maximum(frames.abs().amax((0, 1))))
        return frames / torch.where(self.peak > 0, self.peak, 1.0)
