"""The weights of the sparse phased transformer's blocks.

What they compute stands in ``sugrm.modules.sparse``, where several blocks share their operations.

Source: Cheng et al., EMNLP 2021, Section 3.
"""

import math

from torch import Tensor, nn

from sugrm.modules.dropout import dropout_
from sugrm.modules.dropouts import Dropouts


class SparseAttention(nn.Module):
    """Projections of a multi-head attention over windows of keys, and the norms before them.

    In the second direction of a crossmodal pair, which shares the weights of the first, the
    projections of queries and keys change places.

    Args:
        width: D, the width of the queries and of the result.
        heads: H, the number of heads; it divides ``width``.
        key_width: D, the width of the keys; None for self-attention, where queries and keys are one
            sequence and share one norm.
    """

    def __init__(self, width: int, heads: int, *, key_width: int | None) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got {width} and {heads}")
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
        """Return [..., D] from [..., D]."""
        # Dropping before the ReLU gives the same numbers and needs no copy.
        inner = dropout_(
            self.expand(self.norm(sequence)), self.dropouts.relu, training=self.training
        )
        contracted = self.contract(inner.relu_())
        return sequence + dropout_(contracted, self.dropouts.residual, training=self.training)


class Block(nn.Module):
    """An attention and its feed-forward block."""

    def __init__(
        self, width: int, heads: int, *, key_width: int | None, dropouts: Dropouts
    ) -> None:
        super().__init__()
        self.attention = SparseAttention(width, heads, key_width=key_width)
        self.feed_forward = FeedForward(width, dropouts)
