"""Multi-head attention under one mask for all heads, or of packed rows.

Source: Vaswani et al. 2017, Section 3.2; Tsai et al., ACL 2019 (MulT), Section 3.1, for queries of
one stream and keys of another. ``nn.MultiheadAttention`` would copy the mask of each utterance
for every head.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.dense.attention import grouped_attention
from sugrm.modules.dense.groups import Groups


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

    def forward(self, queries: Tensor, keys: Tensor, visible: Tensor | Groups) -> Tensor:
        """Return the attended sequence, shaped as the queries are.

        Args:
            queries: [B, T, D] queries, or [N, D] rows of all utterances.
            keys: [B, K, D] or [M, D] keys, which are also the values.
            visible: [B, 1 or T, K] bool, True where a query may attend to a key; at least one key
                for each query. For rows the groups in which they attend.
        """
        dropout = self.dropout if self.training else 0.0
        if not isinstance(visible, Tensor):
            projected = self._project(queries, keys)
            rows = grouped_attention(projected, visible, heads=self.heads, dropout=dropout)
            attended_rows: Tensor = self.out(rows)
            return attended_rows
        # Time first, as in ``nn.MultiheadAttention``: a seed then gives the same numbers as there,
        # in the following residual dropout too.
        timed = queries.transpose(0, 1)
        timed_keys = timed if keys is queries else keys.transpose(0, 1)
        query, key, value = (self._split(part) for part in self._project(timed, timed_keys))
        attended = F.scaled_dot_product_attention(
            query, key, value, attn_mask=visible[:, None], dropout_p=dropout
        )
        result: Tensor = self.out(attended.permute(2, 0, 1, 3).flatten(2))  # [T, B, D]
        return result.transpose(0, 1)

    def _project(self, queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values."""
        width = self.width
        if keys is queries:
            query, key, value = F.linear(queries, self.weight, self.bias).chunk(3, dim=-1)
        else:
            query = F.linear(queries, self.weight[:width], self.bias[:width])
            rest = F.linear(keys, self.weight[width:], self.bias[width:])
            key, value = rest.chunk(2, dim=-1)
        return query, key, value

    def _split(self, sequence: Tensor) -> Tensor:
        """Return [B, H, T, D / H] from [T, B, D]."""
        return sequence.view(*sequence.shape[:2], self.heads, -1).permute(1, 2, 0, 3)
