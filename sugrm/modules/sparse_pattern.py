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

    @property
    def windows(self) -> tuple[int, int, int]:
        """Number of keys of a query of the input, cross and self attention."""
        wide, cross, near = (2 * r + 1 for r in self.radius)
        return wide, cross, near

    @property
    def noisy(self) -> bool:
        """Whether the phase has noise in training.

        ceil(0.05 T / L) is 1, and the noise 0, unless a step covers more than 20 frames.
        """
        return self.phase and _PHASE_NOISE * self.stride > 1

    def phase_shift(self, place: Tensor, frames: Tensor) -> Tensor:
        """Return [N] int64 trunc(T sin(n / 4)), in keys, or zeros where the phase is off.

        It is the shift of the input attention in layer 0; where the phase is on, layer l adds l.

        Args:
            place: [N] int64 hidden step n of each row, from 0.
            frames: [N] int64 number of frames T of its utterance, at least 1.
        """
        if not self.phase:
            return torch.zeros_like(place)
        # Converting to an integer truncates towards 0, as the authors' code does.
        return (frames * torch.sin(_PHASE_SPEED * place)).long()

    def noise(self, frames: Tensor, steps: Tensor) -> Tensor:
        """Return [N] random int64 in [0, ceil(0.05 T / L)), in keys.

        Args:
            frames: [N] int64 number of frames T of each row's utterance, at least 1.
            steps: [N] int64 number of hidden steps L of it, at least 1.
        """
        choices = torch.ceil(_PHASE_NOISE * frames / steps)
        return (torch.rand(len(frames), device=frames.device) * choices).long()
