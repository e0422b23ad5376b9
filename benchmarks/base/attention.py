"""Sparse attention that gathers each query's window of keys and projects the windows."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.dropouts import Dropouts


def windows_of(queries: int, keys: Tensor, *, stride: int, size: int, shift: Tensor) -> Tensor:
    """Return the attended keys ((n + 1) stride - size + shift + j) mod c, [B, L, size].

    Args:
        queries: L, the number of queries n.
        keys: [B] number c of keys of each utterance, at least 1.
        stride: number of keys between the windows of neighbouring queries.
        size: number of keys j of a window.
        shift: [B or 1, L or 1] shift of each window, in keys.
    """
    first = (torch.arange(queries) + 1) * stride - size + shift
    return (first[..., None] + torch.arange(size)) % keys[:, None, None]


def gather(keys: Tensor, windows: Tensor) -> Tensor:
    """Return the rows ``windows`` [B, L, W] of ``keys`` [B, T, D]: [B, L, W, D]."""
    batch, steps, width = keys.shape
    rows = windows + steps * torch.arange(batch)[:, None, None]
    return keys.reshape(-1, width).index_select(0, rows.flatten()).view(*rows.shape, width)


class Attention(nn.Module):
    """Multi-head attention of each query to its window, with pre-norm and residual sum.

    Args:
        width: D, the width of the queries and of the result.
        heads: H, the number of heads.
        key_width: the width of the keys; None for self-attention.
        dropouts: dropout probabilities of the weights and of the result.
    """

    def __init__(
        self, width: int, heads: int, *, key_width: int | None, dropouts: Dropouts
    ) -> None:
        super().__init__()
        self.heads, self.dropouts = heads, dropouts
        self.norm = nn.LayerNorm(width)
        self.key_norm = None if key_width is None else nn.LayerNorm(key_width)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(key_width or width, width)
        self.value = nn.Linear(key_width or width, width)
        self.out = nn.Linear(width, width)

    def forward(
        self, hidden: Tensor, keys: Tensor | None, windows: Tensor, *, reverse: bool = False
    ) -> Tensor:
        """Return the attended sequence [B, L, D].

        Args:
            hidden: [B, L, D] queries.
            keys: [B, T, K] keys; None for self-attention.
            windows: [B, L, W] attended keys.
            reverse: whether the projections of queries and keys are swapped.
        """
        normed = self.norm(hidden)
        seen = gather(normed if self.key_norm is None else self.key_norm(keys), windows)
        to_query, to_key = (self.key, self.query) if reverse else (self.query, self.key)
        batch, steps, size = windows.shape
        query = to_query(normed).view(batch * steps, 1, self.heads, -1).transpose(1, 2)
        key = to_key(seen).view(batch * steps, size, self.heads, -1).transpose(1, 2)
        value = self.value(seen).view(batch * steps, size, self.heads, -1).transpose(1, 2)
        weights = torch.softmax(query @ key.transpose(2, 3) * key.shape[3] ** -0.5, dim=3)
        weights = F.dropout(weights, self.dropouts.attention, self.training)
        attended = self.out((weights @ value).reshape(batch, steps, -1))
        return hidden + F.dropout(attended, self.dropouts.residual, self.training)


class FeedForward(nn.Module):
    """Feed-forward block D -> 4 D -> D, with pre-norm and residual sum."""

    def __init__(self, width: int, dropouts: Dropouts) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)
        self.dropouts = dropouts

    def forward(self, sequence: Tensor) -> Tensor:
        """Return [B, L, D] from [B, L, D]."""
        inner = torch.relu(self.expand(self.norm(sequence)))
        inner = F.dropout(inner, self.dropouts.relu, self.training)
        return sequence + F.dropout(self.contract(inner), self.dropouts.residual, self.training)


class Block(nn.Module):
    """Attention and its feed-forward block."""

    def __init__(
        self, width: int, heads: int, *, key_width: int | None, dropouts: Dropouts
    ) -> None:
        super().__init__()
        self.attention = Attention(width, heads, key_width=key_width, dropouts=dropouts)
        self.feed_forward = FeedForward(width, dropouts)

    def forward(
        self, hidden: Tensor, keys: Tensor | None, windows: Tensor, *, reverse: bool = False
    ) -> Tensor:
        """Return the block's result [B, L, D]; see `Attention`."""
        result: Tensor = self.feed_forward(self.attention(hidden, keys, windows, reverse=reverse))
        return result
