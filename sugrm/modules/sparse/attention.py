"""Multi-head attention of rows over windows of rows.

Source: Cheng et al., EMNLP 2021, Section 3; Vaswani et al. 2017, Section 3.2. Departure from the
released code: keys and values are projected before they are gathered, not after, which gives the
same numbers for less work.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from sugrm.modules.sparse.windows import Back, Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """What is no argument of an attention.

    Attributes:
        heads: H, the number of heads; it divides the width.
        back: the inverse of the window table; None leaves sums to the device.
    """

    heads: int
    back: Back | None


def windowed_attention(
    query: Tensor,
    keys: tuple[Tensor, Tensor],
    *,
    windows: Windows,
    heads: int,
    mask: Tensor | None = None,
) -> Tensor:
    """Return [M, D], what each query attends to.

    Args:
        query: [M, D] projected queries.
        keys: [R, D] projected keys and [R, D] values.
        windows: the key rows that each query sees.
        heads: H, the number of heads; it divides D.
        mask: [window, M, H] factors of the attention weights, for dropout; None for none.
    """
    how = _Settings(heads=heads, back=windows.back)
    if torch.is_grad_enabled() and not torch.compiler.is_compiling():
        attended: Tensor
        # The table is an argument of its own for `torch.func`, which must see every tensor.
        given = (query, *keys, mask, windows.table, how)
        attended, _ = _Windowed.apply(*given)  # type: ignore[no-untyped-call]
        return attended
    with torch.autocast(query.device.type, enabled=False):
        return _attend(query, keys, table=windows.table, heads=heads, mask=mask)[0]


def _attend(
    query: Tensor,
    keys: tuple[Tensor, Tensor],
    *,
    table: Tensor,
    heads: int,
    mask: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Return the attended rows and the [window, M, H] weights before dropout."""
    (key, value), width = keys, query.shape[1]
    scale = (width // heads) ** -0.5
    scores = _sum_of_heads(_seen(key, table).mul_(query * scale), heads)
    at_least = torch.promote_types(scores.dtype, torch.float32)
    weights = torch.softmax(scores, dim=0, dtype=at_least).to(value.dtype)
    dropped = weights if mask is None else weights * mask
    return _seen(value, table).mul_(_spread(dropped, width)).sum(0), weights


class _Windowed(torch.autograd.Function):
    """Gathers again in the backward pass rather than keep what it gathered: less memory."""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        table: Tensor,
        how: _Settings,
    ) -> tuple[Tensor, Tensor]:
        with torch.autocast(query.device.type, enabled=False):
            return _attend(query, (key, value), table=table, heads=how.heads, mask=mask)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: tuple[Tensor, Tensor]) -> None:  # noqa: ANN401
        *tensors, ctx.how = inputs
        _, weights = output
        ctx.mark_non_differentiable(weights)
        ctx.save_for_backward(*tensors, weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        query, key, value, mask, table, weights = ctx.saved_tensors
        back, heads, width = ctx.how.back, ctx.how.heads, value.shape[1]
        scale = (width // heads) ** -0.5
        above = gradients[0].contiguous()
        dropped = weights if mask is None else weights * mask
        to_value = _sum_of_places(_spread(dropped, width) * above, table, back=back, like=value)
        to_weights = _sum_of_heads(_seen(value, table).mul_(above), heads)
        if mask is not None:
            to_weights = to_weights.mul_(mask)
        to_weights = to_weights.mul_(weights)
        to_scores = to_weights - weights * to_weights.sum(0)
        spread = _spread(to_scores, width)
        to_query = _seen(key, table).mul_(spread).sum(0).mul_(scale)
        spread = spread.mul_(query * scale)
        to_key = _sum_of_places(spread, table, back=back, like=key)
        return to_query, to_key, to_value, None, None, None


def _seen(rows: Tensor, table: Tensor) -> Tensor:
    """Return [window, M, D] the rows [R, D] that a table names."""
    return rows.index_select(0, table.flatten()).view(*table.shape, rows.shape[1])


def _sum_of_heads(products: Tensor, heads: int) -> Tensor:
    """Return [window, M, H] from [window, M, D]; each head sums its D / H features."""
    window, rows, width = products.shape
    own = width // heads
    if products.device.type != "cpu":
        return products.view(window, rows, heads, own).sum(-1)
    # PyTorch's sum over so few neighbours takes four times as long as this product.
    ones = products.new_ones(own)
    return torch.mv(products.view(-1, own), ones).view(window, rows, heads)


def _spread(weights: Tensor, width: int) -> Tensor:
    """Return [window, M, D] from [window, M, H]: each head's weight for all its features."""
    window, rows, heads = weights.shape
    own = width // heads
    if weights.device.type != "cpu":
        return weights[..., None].expand(-1, -1, -1, own).reshape(window, rows, width)
    # A tracer's tensors hold no numbers, so they must not stay in the cache.
    make = _new_copies if torch.compiler.is_compiling() else _copies
    copies = make(heads, own, dtype=weights.dtype)
    return torch.mm(weights.view(-1, heads), copies).view(window, rows, width)


def _new_copies(heads: int, own: int, *, dtype: torch.dtype) -> Tensor:
    """Return [H, D], the matrix that copies each head's number to its D / H features."""
    return torch.eye(heads, dtype=dtype).repeat_interleave(own, 1)


_copies = lru_cache(maxsize=16)(_new_copies)


def _sum_of_places(places: Tensor, table: Tensor, *, back: Back | None, like: Tensor) -> Tensor:
    """Return [R, D] as ``like``: for each key row the sum of the places that name it."""
    flat = places.flatten(0, 1)
    if back is None or flat.dtype is not torch.float32:
        return torch.zeros_like(like).index_add_(0, table.flatten(), flat)
    summed = F.embedding_bag(back.order, flat, back.offsets, mode="sum")
    return summed if back.undo is None else summed.index_select(0, back.undo)
