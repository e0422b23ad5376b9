"""Sparse phased attention: each query sees a short window of keys.

Query n attends the keys k_j = ((n + 1) * stride - window + shift + j) mod c, j = 0..window-1,
where c is the number of keys. Cost is linear in the length.

Source: Cheng et al., EMNLP 2021, Section 3. Departure from the released code: keys and values
are projected before they are gathered, not after, which gives the same numbers for less
work; each utterance's c may be its own.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.dropouts import Dropouts


def window_indices(
    queries: int, keys: Tensor, *, stride: int, window: int, shift: Tensor
) -> Tensor:
    """Return the attended key of each query and window place.

    Args:
        queries: L, the number of queries.
        keys: [B] number c of keys of each utterance, at least 1.
        stride: number of keys between the windows of neighbouring queries.
        window: number of keys that a query attends to.
        shift: [B, L] or [1, 1] int64 offset of each window, in keys.

    Returns:
        [B, L, window] int64 in [0, c).
    """
    device = keys.device
    start = (torch.arange(queries, device=device) + 1) * stride - window
    place = torch.arange(window, device=device)
    unwrapped = (start + shift)[:, :, None] + place
    return torch.remainder(unwrapped, keys[:, None, None])


class SparseAttention(nn.Module):
    """Multi-head attention over gathered windows, with pre-norm and residual sum.

    Args:
        width: D, the width of the queries and of the result.
        heads: H, the number of heads; it divides ``width``.
        key_width: D, the width of the keys; None for self-attention, where queries and keys are one
            sequence and share one norm.
        dropouts: dropout probabilities of the attention weights and of the result before the
            residual sum.
    """

    def __init__(
        self, width: int, heads: int, *, key_width: int | None, dropouts: Dropouts
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got {width} and {heads}")
        self.heads = heads
        self.dropouts = dropouts
        self.norm = nn.LayerNorm(width)
        self.key_norm = None if key_width is None else nn.LayerNorm(key_width)
        key_width = width if key_width is None else key_width
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(key_width, width)
        self.value = nn.Linear(key_width, width)
        self.out = nn.Linear(width, width)
        self._initialise(width, key_width)

    def _initialise(self, width: int, key_width: int) -> None:
        # Glorot over the three projections packed into one matrix, as SPT initialises them.
        bound = math.sqrt(6.0 / (2 * width + 2 * key_width))
        for projection in (self.query, self.key, self.value):
            nn.init.uniform_(projection.weight, -bound, bound)
            nn.init.zeros_(projection.bias)
        nn.init.xavier_uniform_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(
        self, hidden: Tensor, keys: Tensor | None, indices: Tensor, *, reverse: bool = False
    ) -> Tensor:
        """Return the attended sequence.

        Args:
            hidden: [B, L, width] queries.
            keys: [B, T, key_width] keys; None for self-attention.
            indices: [B or 1, L, window] int64 attended keys, from ``window_indices``.
            reverse: True swaps the query and key projections; the second direction of a crossmodal
                pair shares the weights of the first.

        Returns:
            [B, L, width].
        """
        queries = self.norm(hidden)
        context = queries
        if keys is not None and self.key_norm is not None:
            context = self.key_norm(keys)
        to_query, to_key = (self.key, self.query) if reverse else (self.query, self.key)
        attended = self._attend(
            to_query(queries), to_key(context), value=self.value(context), indices=indices
        )
        return hidden + F.dropout(self.out(attended), self.dropouts.residual, self.training)

    def _attend(self, query: Tensor, key: Tensor, *, value: Tensor, indices: Tensor) -> Tensor:
        batch, steps, width = query.shape
        window = indices.shape[2]
        offset = torch.arange(batch, device=query.device)[:, None, None] * key.shape[1]
        rows = (indices + offset).reshape(-1)
        split = (batch, steps, window, self.heads, width // self.heads)
        key = key.reshape(-1, width).index_select(0, rows).view(split)
        value = value.reshape(-1, width).index_select(0, rows).view(split)
        query = query.view(batch, steps, 1, *split[3:]) * split[4] ** -0.5
        weights = torch.softmax((query * key).sum(-1).float(), dim=2).to(value.dtype)
        weights = F.dropout(weights, self.dropouts.attention, self.training)
        return (weights[..., None] * value).sum(2).reshape(batch, steps, width)


class FeedForward(nn.Module):
    """Pre-norm feed-forward block D -> 4 D -> D with its residual."""

    def __init__(self, width: int, dropouts: Dropouts) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)
        self.dropouts = dropouts
        for linear in (self.expand, self.contract):
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)

    def forward(self, sequence: Tensor) -> Tensor:
        """Return [B, T, D] from [B, T, D]."""
        inner = F.dropout(
            F.relu(self.expand(self.norm(sequence))), self.dropouts.relu, self.training
        )
        return sequence + F.dropout(self.contract(inner), self.dropouts.residual, self.training)
