"""The weights of several blocks stacked, so that one operation serves all of them.

A norm before a linear map is folded into it: W (g * n + b) + c = (W g) n + (W b + c) for normalised
rows n, so that rows are normalised once, whichever blocks read them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_AUTOCAST = ("cpu", "cuda", "mps", "xpu")  # devices that know it


class Linears(NamedTuple):
    """One linear map for each group of rows.

    Attributes:
        weight: [G, O, D].
        bias: [G, O].
    """

    weight: Tensor
    bias: Tensor


def stacked(linears: Sequence[nn.Linear]) -> Linears:
    """Return the maps of the groups, one each."""
    weight, bias = _stacked(linears)
    return _prepared(weight, bias)


def _stacked(linears: Sequence[nn.Linear]) -> tuple[Tensor, Tensor]:
    weight = torch.stack([linear.weight for linear in linears])
    return weight, torch.stack([linear.bias for linear in linears])


def _prepared(weight: Tensor, bias: Tensor) -> Linears:
    """Return the maps in the precision that autocast would give them, once for all layers."""
    device = weight.device.type
    if device in _AUTOCAST and torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
        weight, bias = weight.to(dtype), bias.to(dtype)
    return Linears(weight=weight, bias=bias)


def folded(linears: Sequence[nn.Linear], norms: Sequence[nn.LayerNorm], *, groups: int) -> Linears:
    """Return the maps of the groups on rows that are normalised without weights.

    Args:
        linears: the maps of the first group, whose results are joined, then those of the next.
        norms: the norm before each of them.
        groups: G, the number of groups.
    """
    plain, own_bias = _stacked(linears)
    gain = torch.stack([norm.weight for norm in norms])[:, None]
    offset = torch.stack([norm.bias for norm in norms])[:, None]
    bias = own_bias + (plain * offset).sum(-1)
    weight = (plain * gain).view(groups, -1, gain.shape[-1])
    return _prepared(weight, bias.view(groups, -1))


def normalised(rows: Tensor) -> Tensor:
    """Return the rows [N, D] with mean 0 and variance 1 each."""
    return F.layer_norm(rows, rows.shape[-1:])


def mapped(linears: Linears, rows: Tensor, *, sizes: Sequence[int], uniform: bool) -> Tensor:
    """Return [N, O], each group's map of its rows [N, D].

    Args:
        linears: the maps.
        rows: the rows, group by group.
        sizes: number of rows of each group.
        uniform: whether the sizes are known to be equal.
    """
    if uniform:
        grouped = rows.view(len(sizes), -1, rows.shape[1])
        weight = linears.weight.transpose(1, 2)
        return torch.baddbmm(linears.bias[:, None], grouped, weight).flatten(0, 1)
    parts = zip(
        torch.split(rows, list(sizes)),
        linears.weight.unbind(),
        linears.bias.unbind(),
        strict=True,
    )
    return torch.cat([F.linear(part, weight, bias) for part, weight, bias in parts])
