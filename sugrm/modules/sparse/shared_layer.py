"""The layer that the sparse phased transformer applies several times with one set of weights."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from sugrm.modules.sparse.blocks import Computing, StageWeights, kept, summed
from sugrm.modules.sparse.stages import CrossStage, Layer, Stage
from sugrm.modules.sparse.weights import Linears, folded, mapped, normalised
from sugrm.modules.sparse_attention import Block, SparseAttention


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLayer:
    """The stacked weights of the layer's blocks.

    Attributes:
        query: projection of the input attentions' queries, one group for each stream.
        input: their further weights.
        cross_project: projections of queries, keys and values, one group for each slot; None
            without a pair.
        cross: the further weights, one group for each pair.
        own_project: projections of the self attentions, one group for each stream.
        own: their further weights.
    """

    query: Linears
    input: StageWeights
    cross_project: Linears | None
    cross: StageWeights | None
    own_project: Linears
    own: StageWeights

    @classmethod
    def of(
        cls, inputs: Sequence[Block], cross: Sequence[Block], *, own: Sequence[Block]
    ) -> "SharedLayer":
        """Return the stacked weights.

        Args:
            inputs: the blocks of the input attentions, one for each stream.
            cross: those of the crossmodal pairs; empty without one.
            own: those of the self attentions.
        """
        attentions = [block.attention for block in inputs]
        return cls(
            query=folded(
                [part.query for part in attentions],
                [part.norm for part in attentions],
                groups=len(attentions),
            ),
            input=StageWeights.of(inputs),
            cross_project=_cross_projections(cross) if cross else None,
            cross=StageWeights.of(cross) if cross else None,
            own_project=_own_projections([block.attention for block in own]),
            own=StageWeights.of(own),
        )

    def apply(
        self,
        hidden: Tensor,
        frames: tuple[Tensor, Tensor],
        *,
        layer: Layer,
        computing: Computing,
    ) -> Tensor:
        """Return the hidden rows [M, D] after the layer.

        Args:
            hidden: [N, D] hidden rows of all streams.
            frames: [R, D] projected keys and [R, D] values of all streams' frames.
            layer: which rows are computed and what they see.
            computing: how.
        """
        hidden = self._read_inputs(hidden, frames, stage=layer.input, computing=computing)
        if layer.cross is not None:
            hidden = self._read_others(hidden, stage=layer.cross, computing=computing)
        return self._read_selves(hidden, stage=layer.own, computing=computing)

    def _read_inputs(
        self,
        hidden: Tensor,
        frames: tuple[Tensor, Tensor],
        *,
        stage: Stage,
        computing: Computing,
    ) -> Tensor:
        hidden = kept(hidden, stage)
        query = mapped(self.query, normalised(hidden), sizes=stage.sizes, uniform=computing.uniform)
        attended = computing.attend(query, frames, windows=stage.windows)
        return computing.finish(hidden, attended, weights=self.input, stage=stage)

    def _read_others(self, hidden: Tensor, *, stage: CrossStage, computing: Computing) -> Tensor:
        if self.cross_project is None or self.cross is None:
            raise ValueError("expected crossmodal pairs, since the layer has a stage for them")
        rows = normalised(hidden).index_select(0, stage.slots)
        query, keys = computing.project(self.cross_project, rows, sizes=stage.given)
        attended = computing.attend(kept(query, stage), keys, windows=stage.windows)
        own = stage.slots if stage.keep is None else stage.slots.index_select(0, stage.keep)
        results = computing.finish(
            hidden.index_select(0, own), attended, weights=self.cross, stage=stage
        )
        return summed(results, hidden, stage=stage)

    def _read_selves(self, hidden: Tensor, *, stage: Stage, computing: Computing) -> Tensor:
        query, keys = computing.project(self.own_project, normalised(hidden), sizes=stage.given)
        attended = computing.attend(kept(query, stage), keys, windows=stage.windows)
        return computing.finish(kept(hidden, stage), attended, weights=self.own, stage=stage)


def _cross_projections(blocks: Sequence[Block]) -> Linears:
    """Return queries, keys and values of both slots of each pair.

    The second slot, the other direction, swaps the projections of queries and keys. The norm of the
    queries is ``norm`` in both, that of keys and values ``key_norm``. A slot's keys are read by its
    partner, whose query projection is the other one.
    """
    linears, norms = [], []
    for block in blocks:
        part = block.attention
        key_norm = part.key_norm or part.norm
        for query in (part.query, part.key):
            linears += [query, query, part.value]
            norms += [part.norm, key_norm, key_norm]
    return folded(linears, norms, groups=2 * len(blocks))


def _own_projections(attentions: Sequence[SparseAttention]) -> Linears:
    linears, norms = [], []
    for part in attentions:
        linears += [part.query, part.key, part.value]
        norms += [part.norm] * 3
    return folded(linears, norms, groups=len(attentions))
