"""Temporal convolution: each frame of the result sees its neighbours, and has a common width.

Source: Tsai et al., ACL 2019 (MulT), Section 3.2, "Temporal Convolutions". The result is as long
as the stream, so kernels are odd and the ends padded with zeros; like the released code it has no
bias. Departure: frames past an utterance's own end are zeroed first, so that none leaks in.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.dense.frames import Frames, PackedFrames
from sugrm.modules.positions import real_frames


class TemporalConvolution(nn.Module):
    """Convolve a stream along time.

    Args:
        in_width: D, the width of the frames.
        width: D, the width of the result.
        kernel_size: number of frames that each frame of the result sees, odd.
    """

    def __init__(self, in_width: int, width: int, *, kernel_size: int) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise ValueError(f"kernel_size must be odd, got {kernel_size}")
        self.convolution = nn.Conv1d(
            in_width, width, kernel_size, padding=kernel_size // 2, bias=False
        )

    def forward(self, sequence: Tensor, frames: Frames) -> Tensor:
        """Return the convolved frames, laid out as before.

        Args:
            sequence: [B, T, D] frames, or [N, D] packed ones.
            frames: their layout.

        Returns:
            [B, T, width] or [N, width].
        """
        if isinstance(frames, PackedFrames):
            near = frames.neighbours(sequence, self.convolution.kernel_size[0] // 2)
            return F.linear(near.flatten(1), self.convolution.weight.transpose(1, 2).flatten(1))
        real = real_frames(frames.lengths, sequence.shape[1])[..., None]
        own = torch.where(real, sequence, 0.0)
        result: Tensor = self.convolution(own.transpose(1, 2))
        return result.transpose(1, 2)
