"""Multi-head attention of rows over windows of rows.

Source: Cheng et al., EMNLP 2021, Section 3; Vaswani et al. 2017, Section 3.2. Departure from the
released code: keys and values are projected before they are gathered, not after, which gives the
same numbers for less work.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable
from torch.nn import functional as F

from sugrm.modules.sparse.windows import Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Attending:
    """What an attention sees and how it is cut.

    Attributes:
        windows: the key rows that each query sees.
        heads: H, the number of heads; it divides the width.
    """

    windows: Windows
    heads: int


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
    how = Attending(windows=windows, heads=heads)
    if torch.is_grad_enabled() and not torch.compiler.is_compiling():
        result: Tensor = _Windowed.apply(query, *keys, mask, how)  # type: ignore[no-untyped-call]
        return result
    with torch.autocast(query.device.type, enabled=False):
        return _attend(query, keys, how=how, mask=mask)[0]


def _attend(
    query: Tensor, keys: tuple[Tensor, Tensor], *, how: Attending, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the attended rows and the [window, M, H] weights before dropout."""
    (key, value), table, width = keys, how.windows.table, query.shape[1]
    scale = (width // how.heads) ** -0.5
    scores = _sum_of_heads(_seen(key, table).mul_(query * scale), how.heads)
    weights = torch.softmax(scores.float(), dim=0).to(value.dtype)
    dropped = weights if mask is None else weights * mask
    return _seen(value, table).mul_(_spread(dropped, width)).sum(0), weights


class _Windowed(torch.autograd.Function):
    """Gathers again in the backward pass rather than keep what it gathered: less memory."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        how: Attending,
    ) -> Tensor:
        with torch.autocast(query.device.type, enabled=False):
            attended, weights = _attend(query, (key, value), how=how, mask=mask)
        ctx.save_for_backward(query, key, value, weights, mask)  # type: ignore[arg-type]
        ctx.how = how  # type: ignore[attr-defined]
        return attended

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, weights, mask = ctx.saved_tensors  # type: ignore[attr-defined]
        how: Attending = ctx.how  # type: ignore[attr-defined]
        windows, width = how.windows, value.shape[1]
        scale = (width // how.heads) ** -0.5
        above = gradients[0].contiguous()
        dropped = weights if mask is None else weights * mask
        to_value = _gathered_sum(_spread(dropped, width) * above, windows, rows=len(value))
        to_weights = _sum_of_heads(_seen(value, windows.table).mul_(above), how.heads)
        if mask is not None:
            to_weights = to_weights.mul_(mask)
        to_weights = to_weights.mul_(weights)
        to_scores = to_weights - weights * to_weights.sum(0)
        spread = _spread(to_scores, width)
        to_query = _seen(key, windows.table).mul_(spread).sum(0).mul_(scale)
        to_key = _gathered_sum(spread.mul_(query * scale), windows, rows=len(key))
        return to_query, to_key, to_value, None, None


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
    copies = _copies(heads, own, dtype=weights.dtype)
    return torch.mm(weights.view(-1, heads), copies).view(window, rows, width)


@lru_cache(maxsize=16)
def _copies(heads: int, own: int, *, dtype: torch.dtype) -> Tensor:
    """Return [H, D], the matrix that copies each head's number to its D / H features."""
    return torch.eye(heads, dtype=dtype).repeat_interleave(own, 1)


def _gathered_sum(places: Tensor, windows: Windows, *, rows: int) -> Tensor:
    """Return [R, D]: for each key row the sum of the [window, M, D] places that name it."""
    flat, back = places.flatten(0, 1), windows.back
    if back is None or flat.dtype is not torch.float32:
        return flat.new_zeros(rows, flat.shape[1]).index_add_(0, windows.table.flatten(), flat)
    summed = F.embedding_bag(back.order, flat, back.offsets, mode="sum")
    return summed if back.undo is None else summed.index_select(0, back.undo)
