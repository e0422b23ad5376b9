"""Which keys a query of the sparse phased transformer sees, and the phase of its windows.

Source: Hwang & Kim 2023, Section 3.2.1; Cheng et al., EMNLP 2021.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_PHASE_SPEED, _PHASE_NOISE = 0.25, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SparsePattern:
    """Which keys a query sees.

    Attributes:
        stride: S, the number of frames for one hidden step, at least 1.
        radius: r of input, cross and self attention, each at least 0; a window has 2 r + 1 keys.
        phase: True shifts the windows of the input attention.
        skip_zero_frames: True gives no position to frames that start with 0, see ``add_positions``.
    """

    stride: int = 5
    radius: tuple[int, int, int] = (8, 4, 3)
    phase: bool = True
    skip_zero_frames: bool = False

    def phase_shift(
        self, queries: int, frames: Tensor, *, steps: Tensor, layer: int, training: bool
    ) -> Tensor:
        """Return [B, L]: layer + trunc(T sin(n / 4)) + noise, or zeros where the phase is off.

        Args:
            queries: L, the number of hidden steps, at least 1.
            frames: [B] int64 number of frames T of each utterance, at least 1.
            steps: [B] int64 number of hidden steps of each utterance, at least 1.
            layer: number of the layer, from 0.
            training: whether noise is drawn.
        """
        if not self.phase:
            return frames.new_zeros(1, 1)
        wave = torch.sin(_PHASE_SPEED * torch.arange(queries, device=frames.device))
        # Converting to an integer truncates towards 0, as the authors' code does.
        shift = layer + (frames[:, None] * wave).long()
        # ceil(0.05 T / L) is 1, and the noise 0, unless a step covers more than 20 frames.
        if training and _PHASE_NOISE * self.stride > 1:
            choices = torch.ceil(_PHASE_NOISE * frames / steps)
            noise = torch.rand(len(frames), queries, device=frames.device) * choices[:, None]
            shift = shift + noise.long()
        return shift
