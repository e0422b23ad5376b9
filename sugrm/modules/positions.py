"""Sinusoidal positions in any width, and the lengths arithmetic that goes with padding.

Source: Vaswani et al. 2017, Section 3.5, in the variant of tensor2tensor that SPT and MulT use:
sines fill the first half of the width, cosines the second, an odd last feature is 0, and the
first frame has position 1. Departure: widths under 4, where that variant divides by 0, use one
frequency of 1.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

_ROUND = 64  # tables are cached in whole multiples, so that varying lengths share one


@lru_cache(maxsize=256)
def _table(steps: int, width: int, *, device: torch.device) -> Tensor:
    return _drawn(steps, width).to(device)


def _drawn(steps: int, width: int) -> Tensor:
    half = width // 2
    exponent = torch.arange(half, dtype=torch.float) * (-math.log(10000) / max(half - 1, 1))
    angle = torch.arange(1, steps + 1, dtype=torch.float)[:, None] * torch.exp(exponent)
    table = torch.zeros(steps, width)
    table[:, :half] = torch.sin(angle)
    table[:, half : 2 * half] = torch.cos(angle)
    return table


def sinusoids(steps: int, width: int, *, device: torch.device) -> Tensor:
    """Return [steps, width] positions of the frames 1, 2, ..., steps."""
    if torch.compiler.is_compiling():  # in an exported program the number of steps is a symbol
        return _drawn(steps, width).to(device)
    rounded = -(-steps // _ROUND) * _ROUND
    return _table(rounded, width, device=device)[:steps]


def add_positions(sequence: Tensor, *, skip_zero_frames: bool) -> Tensor:
    """Return frames with their positions added.

    Args:
        sequence: [B, T, D] frames.
        skip_zero_frames: True gives no position to a frame whose first feature is 0, which the
            released code takes for padding.

    Returns:
        [B, T, D].
    """
    positions = sinusoids(sequence.shape[1], sequence.shape[2], device=sequence.device)
    positions = positions.to(sequence.dtype)
    if skip_zero_frames:
        return sequence + positions * (sequence[..., :1] != 0)
    return sequence + positions


def real_frames(lengths: Tensor, steps: int) -> Tensor:
    """Return [B, steps] bool, True where a frame is real, from [B] lengths."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]


def last_frame(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return [B, D], each utterance's last real frame of [B, T, D]; the first where it has none."""
    last = (lengths - 1).clamp(min=0)
    return sequence.gather(1, last[:, None, None].expand(-1, 1, sequence.shape[2])).squeeze(1)


def mean_of_frames(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return [B, D], the mean of each utterance's real frames of [B, T, D]; 0 without any."""
    real = real_frames(lengths, sequence.shape[1])[..., None].to(sequence.dtype)
    return (sequence * real).sum(1) / lengths.clamp(min=1)[:, None].to(sequence.dtype)
