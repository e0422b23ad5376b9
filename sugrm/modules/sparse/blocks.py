"""One attention of every stream or pair with its feed-forward block, on rows.

Source: Cheng et al., EMNLP 2021, Section 3: pre-norm attention and a pre-norm feed-forward block
D -> 4 D -> D, each with its residual.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from sugrm.modules.dropout import dropout_, dropout_mask
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.sparse.attention import windowed_attention
from sugrm.modules.sparse.stages import CrossStage, Stage
from sugrm.modules.sparse.weights import Linears, folded, mapped, normalised, stacked
from sugrm.modules.sparse.windows import Windows
from sugrm.modules.sparse_attention import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWeights:
    """The weights of a stage's blocks.

    Attributes:
        out: of the attention's result.
        expand: of the feed-forward block's first map, on normalised rows.
        contract: of its second.
    """

    out: Linears
    expand: Linears
    contract: Linears

    @classmethod
    def of(cls, blocks: Sequence[Block]) -> "StageWeights":
        """Return the weights of the blocks, one group of rows each."""
        forwards = [block.feed_forward for block in blocks]
        return cls(
            out=stacked([block.attention.out for block in blocks]),
            expand=folded(
                [part.expand for part in forwards],
                [part.norm for part in forwards],
                groups=len(forwards),
            ),
            contract=stacked([part.contract for part in forwards]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Computing:
    """How the stages compute.

    Attributes:
        heads: H, the number of heads.
        dropouts: dropout probabilities.
        training: whether units are dropped.
        uniform: whether all groups of rows have equal sizes.
    """

    heads: int
    dropouts: Dropouts
    training: bool
    uniform: bool

    def attend(self, query: Tensor, keys: tuple[Tensor, Tensor], *, windows: Windows) -> Tensor:
        """Return [M, D], what queries [M, D] attend to of keys [R, D] and values [R, D]."""
        mask, rate = None, self.dropouts.attention
        if self.training and rate:
            mask = dropout_mask((*windows.table.shape, self.heads), rate, like=query)
        return windowed_attention(query, keys, windows=windows, heads=self.heads, mask=mask)

    def project(
        self, linears: Linears, rows: Tensor, *, sizes: Sequence[int]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return queries, and keys and values, [N, D] each, of normalised rows [N, D]."""
        joint = mapped(linears, rows, sizes=sizes, uniform=self.uniform)
        query, key, value = (part.contiguous() for part in joint.chunk(3, dim=1))
        return query, (key, value)

    def finish(
        self, rows: Tensor, attended: Tensor, *, weights: StageWeights, stage: Stage
    ) -> Tensor:
        """Return the rows [M, D] after the residual sums with attention and feed-forward block."""
        sizes, uniform = stage.sizes, self.uniform
        result = mapped(weights.out, attended, sizes=sizes, uniform=uniform)
        rows = rows + self._dropped(result, self.dropouts.residual)
        inner = mapped(weights.expand, normalised(rows), sizes=sizes, uniform=uniform)
        # Dropping before the ReLU gives the same numbers and needs no copy.
        inner = self._dropped(inner, self.dropouts.relu).relu_()
        result = mapped(weights.contract, inner, sizes=sizes, uniform=uniform)
        return rows + self._dropped(result, self.dropouts.residual)

    def _dropped(self, values: Tensor, rate: float) -> Tensor:
        return dropout_(values, rate, training=self.training)


def kept(rows: Tensor, stage: Stage) -> Tensor:
    """Return the rows that the stage computes."""
    return rows if stage.keep is None else rows.index_select(0, stage.keep)


def summed(results: Tensor, rows: Tensor, *, stage: CrossStage) -> Tensor:
    """Return the sums of two rows each that the stage names."""
    if stage.second is None:
        return torch.cat([results, rows]).index_select(0, stage.first)
    pool = torch.cat([results, rows, rows.new_zeros(1, rows.shape[1])])
    return pool.index_select(0, stage.first) + pool.index_select(0, stage.second)
