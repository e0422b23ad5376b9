"""Multi-head attention of packed rows, a group of utterances at a time.

Source: Vaswani et al. 2017, Section 3.2. The gradients are written out: with weights P, weights
after dropout M and G the gradient of the result, that of the scores is M (G V') - P sum(G result),
because the sum over keys of P's own gradient times P equals that over the result's features.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from sugrm.modules.dense.groups import Group, Groups
from sugrm.modules.dropout import dropout_mask


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """What is not differentiated; ``gradients`` tells whether a backward pass follows."""

    groups: Groups
    heads: int
    dropout: float
    gradients: bool


def grouped_attention(
    projected: tuple[Tensor, Tensor, Tensor], groups: Groups, *, heads: int, dropout: float
) -> Tensor:
    """Return [N, D], what each query attends to.

    Args:
        projected: [N, D] queries, [M, D] keys and [M, D] values.
        groups: which queries see which keys, each query in one group.
        heads: H, the number of heads; it divides D.
        dropout: dropout probability on the attention weights.
    """
    if torch.is_autocast_enabled("cpu"):
        query, key, value = projected
        projected = query.float(), key.float(), value.float()
    gradients = torch.is_grad_enabled()
    settings = _Settings(groups=groups, heads=heads, dropout=dropout, gradients=gradients)
    with torch.autocast("cpu", enabled=False):
        result: Tensor = _Grouped.apply(*projected, settings)  # type: ignore[no-untyped-call]
    return result


class _Grouped(torch.autograd.Function):
    """One node of the graph for all groups, which keeps the weights alone."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        query: Tensor,
        key: Tensor,
        value: Tensor,
        settings: _Settings,
    ) -> Tensor:
        heads = settings.heads
        scale = (query.shape[1] // heads) ** -0.5
        query, key, value = _split(query * scale, heads), _split(key, heads), _split(value, heads)
        result = torch.zeros_like(query)
        kept = []
        for group in settings.groups:
            weights = _weights(group, query, key=key)
            dropped = weights
            if settings.dropout:
                dropped = dropout_mask(weights.shape, settings.dropout, like=weights).mul_(weights)
            group.queries.add(result, _product(dropped, group.keys.take(value)))
            kept += [weights, dropped] if settings.gradients else []
        if settings.gradients:
            ctx.save_for_backward(query, key, value, result, *kept)
            ctx.groups, ctx.heads, ctx.scale = settings.groups, heads, scale
        return result[:-1].flatten(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        query, key, value, result, *kept = ctx.saved_tensors
        above = _split(gradients[0], ctx.heads)
        shared = (above * result).sum(-1, keepdim=True)
        to_query, to_key, to_value = (torch.zeros_like(part) for part in (query, key, value))
        with torch.autocast("cpu", enabled=False):
            for group, weights, dropped in zip(ctx.groups, kept[::2], kept[1::2], strict=True):
                queries, keys = group.queries, group.keys
                own = queries.take(above)
                keys.add(to_value, _product(dropped.transpose(1, 2), own))
                to_scores = torch.bmm(own, keys.take(value).transpose(1, 2)).mul_(dropped)
                to_scores.addcmul_(weights, queries.take(shared), value=-1)
                queries.add(to_query, _product(to_scores, keys.take(key)))
                keys.add(to_key, _product(to_scores.transpose(1, 2), queries.take(query)))
        found = (to_query.mul_(ctx.scale), to_key, to_value)
        return *(part[:-1].flatten(1) for part in found), None


def _split(rows: Tensor, heads: int) -> Tensor:
    """Return [N + 1, H, D / H] from [N, D]; the last row is zero and stands for padding."""
    return F.pad(rows, (0, 0, 0, 1)).view(len(rows) + 1, heads, -1)


def _weights(group: Group, query: Tensor, *, key: Tensor) -> Tensor:
    """Return [G H, T, K] attention weights of a group."""
    scores = torch.bmm(group.queries.take(query), group.keys.take(key).transpose(1, 2))
    if group.bias is not None:
        scores.view(-1, query.shape[1], *scores.shape[1:]).add_(group.bias)
    return torch.softmax(scores, dim=-1)


def _product(wide: Tensor, narrow: Tensor) -> Tensor:
    """Return [G H, T, d] from [G H, T, K] and [G H, K, d].

    A CPU's product of narrow by wide matrices takes a fifth of the time of wide by narrow ones.
    """
    return torch.bmm(narrow.transpose(1, 2), wide.transpose(1, 2)).transpose(1, 2)
