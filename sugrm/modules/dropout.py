"""Dropout whose masks are cheap to draw on a CPU.

PyTorch draws a CPU's masks one number at a time. Here 64 random bits make four 16-bit integers,
each of which is compared with a bound. The probability of keeping a unit is therefore a multiple
of 2 ** -16, at most 2 ** -17 from the wanted one (2 ** -16 where nearly all units are dropped), and
what is kept is scaled by exactly the inverse of it.

Source: Srivastava et al. 2014, Section 4, in the inverted form.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

_LEVELS = 1 << 16


def dropout(values: Tensor, probability: float, *, training: bool) -> Tensor:
    """Return the values, in training a random part of them set to 0 and the rest scaled.

    Args:
        values: floating point numbers of any shape.
        probability: probability of dropping a unit, in [0, 1).
        training: False returns the values as they are.
    """
    if not training or probability == 0:
        return values
    if values.device.type != "cpu":
        return F.dropout(values, probability, training=True)
    return values * dropout_mask(values.shape, probability, like=values)


def dropout_(values: Tensor, probability: float, *, training: bool) -> Tensor:
    """Return what ``dropout`` returns, in the place of the values where the device allows it."""
    if not training or probability == 0:
        return values
    if values.device.type != "cpu":
        return F.dropout(values, probability, training=True)
    return values.mul_(dropout_mask(values.shape, probability, like=values))


def dropout_mask(shape: Sequence[int], probability: float, *, like: Tensor) -> Tensor:
    """Return a mask of zeros and inverse keeping probabilities.

    Args:
        shape: shape of the mask.
        probability: probability of a zero, in [0, 1).
        like: a tensor of the wanted dtype and device.
    """
    if like.device.type != "cpu":
        return F.dropout(like.new_ones(shape), probability, training=True)
    kept = min(max(1, round((1 - probability) * _LEVELS)), _LEVELS)
    size = math.prod(shape)
    if kept == _LEVELS:  # the bound would lie outside of the integers
        return torch.ones(shape, dtype=like.dtype)
    drawn = torch.empty((size + 3) // 4, dtype=torch.int64).random_(-(1 << 63), None)
    bound = _LEVELS // 2 - kept  # integers from it on are kept
    ones = drawn.view(torch.int16)[:size].clamp_(bound - 1, bound).sub_(bound - 1)
    return ones.to(like.dtype).mul_(_LEVELS / kept).view(shape)
