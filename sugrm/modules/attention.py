"""Multi-head attention under one mask for all heads, and the masks of padding and of the future.

Source: Vaswani et al. 2017, Section 3.2; Tsai et al., ACL 2019 (MulT), Section 3.1, for queries of
one stream and keys of another. ``nn.MultiheadAttention`` would copy the mask of each utterance
for every head.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.positions import real_frames


class Attention(nn.Module):
    """Multi-head attention; keys and values come from one sequence.

    It is initialised as ``nn.MultiheadAttention`` is.

    Args:
        width: D, the width of queries, keys and result.
        heads: H, the number of heads; it divides ``width``.
        dropout: dropout probability on the attention weights.
    """

    def __init__(self, width: int, heads: int, *, dropout: float) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got {width} and {heads}")
        self.width, self.heads, self.dropout = width, heads, dropout
        self.weight = nn.Parameter(torch.empty(3 * width, width))  # of queries, keys, values
        self.bias = nn.Parameter(torch.zeros(3 * width))
        self.out = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, queries: Tensor, keys: Tensor, visible: Tensor) -> Tensor:
        """Return the attended sequence [B, T, D].

        Args:
            queries: [B, T, D] queries.
            keys: [B, K, D] keys, which are also the values.
            visible: [B, 1 or T, K] bool, True where a query may attend to a key; at least one key
                for each query.
        """
        query, key, value = (self._split(part) for part in self._project(queries, keys))
        attended = F.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=visible[:, None],
            dropout_p=self.dropout if self.training else 0.0,
        )
        result: Tensor = self.out(attended.permute(2, 0, 1, 3).flatten(2))  # [T, B, D]
        return result.transpose(0, 1)

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, ...]:
        """Return queries, keys and values, time first as in ``nn.MultiheadAttention``.

        A seed then gives the same numbers as there, in the following residual dropout too.
        """
        timed = queries.transpose(0, 1)
        if keys is queries:
            return F.linear(timed, self.weight, self.bias).chunk(3, dim=-1)
        width = self.width
        query = F.linear(timed, self.weight[:width], self.bias[:width])
        rest = F.linear(keys.transpose(0, 1), self.weight[width:], self.bias[width:])
        return (query, *rest.chunk(2, dim=-1))

    def _split(self, sequence: Tensor) -> Tensor:
        """Return [B, H, T, D / H] from [T, B, D]."""
        return sequence.view(*sequence.shape[:2], self.heads, -1).permute(1, 2, 0, 3)


def visible_keys(
    lengths: Tensor, key_lengths: Tensor, *, steps: int, key_steps: int, future_mask: bool
) -> Tensor:
    """Return which keys each query may attend.

    With the mask, query t sees the keys up to t + abs(K - T) of its utterance's own lengths T
    and K, as MulT's released code widens the causal mask where the two differ.

    Args:
        lengths: [B] int64 number of real queries.
        key_lengths: [B] int64 number of real keys; an absent stream keeps its first key, because
            each query needs one.
        steps: T, the number of steps to which the queries are padded.
        key_steps: K, the number of steps to which the keys are padded.
        future_mask: True hides later keys.

    Returns:
        [B, T, K] bool, or [B, 1, K] where all queries see the same.
    """
    real = real_frames(key_lengths.clamp(min=1), key_steps)[:, None]
    if not future_mask:
        return real
    own = torch.arange(steps, device=lengths.device)
    latest = own + (key_lengths - lengths).abs()[:, None]
    return real & (torch.arange(key_steps, device=lengths.device) <= latest[..., None])
