"""Sparse phased transformer (SPT): the paper's sequence encoder.

A short hidden sequence per modality, one step for ``stride`` frames, reads its own frames (input
attention), the hidden sequences of the other two modalities (cross attention) and itself (self
attention), ``layers`` times with one set of weights. The last hidden step represents the stream.

Source: Hwang & Kim 2023, Section 3.2.1; Cheng et al., EMNLP 2021. Departures
(docs/departures.md): with true lengths every utterance has its own number of frames and hidden
steps; a stream without a real frame is absent: no other stream attends to it, and its own vector
is undefined. Without a stream the pairs that it is in are left out; a single stream has input and
self attention alone.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.modules import host
from sugrm.modules.dropout import dropout_
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.positions import sinusoids
from sugrm.modules.sparse.blocks import Computing
from sugrm.modules.sparse.planner import Planner
from sugrm.modules.sparse.shared_layer import SharedLayer
from sugrm.modules.sparse.stages import Plan
from sugrm.modules.sparse_attention import Block
from sugrm.modules.sparse_pattern import SparsePattern
from sugrm.types import Modality

_ORDER = (Modality.AUDIO, Modality.TEXT, Modality.VISION)
# The crossmodal pairs (a, t), (t, v), (v, a): the first of each is the query in the forward
# direction.
PAIRS = (
    (Modality.AUDIO, Modality.TEXT),
    (Modality.TEXT, Modality.VISION),
    (Modality.VISION, Modality.AUDIO),
)

Streams = Mapping[Modality, Tensor]


class SparsePhasedTransformer(nn.Module):
    """Encode one to three sequences into one vector each.

    Args:
        widths: stream -> D, the width of its frames.
        width: D, the width of the hidden sequences.
        heads: H, the number of heads of every attention; it divides ``width``.
        layers: how often the shared layer is applied, at least 1.
        pattern: the keys that each query sees.
        dropouts: dropout probabilities of every block and of the embedded inputs.

    Attributes:
        packed: True leaves padding out, which needs the lengths on the host; False computes it;
            None, as at first, leaves it out on a CPU.
    """

    def __init__(
        self,
        widths: Mapping[Modality, int],
        width: int,
        *,
        heads: int,
        layers: int,
        pattern: SparsePattern,
        dropouts: Dropouts,
    ) -> None:
        super().__init__()
        self.out_width, self.heads = width, heads
        self.pattern, self.dropouts = pattern, dropouts
        self.packed: bool | None = None
        self.streams = tuple(m for m in _ORDER if m in widths)
        self.scale = math.sqrt(width)  # also of the inputs, whatever their width
        self.start = nn.Parameter(nn.init.xavier_uniform_(torch.empty(len(self.streams), width)))

        def block(key_width: int | None) -> Block:
            return Block(width, heads, key_width=key_width, dropouts=dropouts)

        self.input = nn.ModuleDict({m: block(widths[m]) for m in self.streams})
        self.cross = nn.ModuleDict({f"{a}_{b}": block(width) for a, b in self._pairs()})
        self.own = nn.ModuleDict({m: block(None) for m in self.streams})
        self.norm = nn.LayerNorm(width)
        numbers = {m: number for number, m in enumerate(self.streams)}
        self.planner = Planner(
            pattern=pattern,
            layers=layers,
            pairs=tuple((numbers[a], numbers[b]) for a, b in self._pairs()),
        )

    def _pairs(self) -> tuple[tuple[Modality, Modality], ...]:
        return tuple(pair for pair in PAIRS if set(pair) <= set(self.streams))

    def forward(self, sequences: Streams, lengths: Streams) -> dict[Modality, Tensor]:
        """Return [B, width] for each stream.

        Args:
            sequences: stream -> [B, T, D] frames.
            lengths: stream -> [B] int64 number of frames that count; 0 marks an absent stream.
        """
        plan = self._plan(sequences, lengths)
        rows = self._run(sequences, plan).index_select(0, plan.last)
        vectors = self.norm(rows).view(len(self.streams), -1, self.out_width)
        return dict(zip(self.streams, vectors.unbind(), strict=True))

    def hidden_sequences(
        self, sequences: Streams, lengths: Streams
    ) -> tuple[dict[Modality, Tensor], dict[Modality, Tensor]]:
        """Return the final [B, L, width] hidden sequences and their [B] true lengths."""
        padded = [sequences[m].shape[1] for m in self.streams]
        joint = torch.stack([lengths[m] for m in self.streams])
        plan = self.planner.padded(joint, padded, training=self.training, uniform=False)
        parts = self.norm(self._run(sequences, plan)).split(list(plan.hidden.sizes))
        batch = joint.shape[1]
        hidden = {
            m: part.view(batch, -1, self.out_width)
            for m, part in zip(self.streams, parts, strict=True)
        }
        steps = plan.hidden.count.view(-1, batch).unbind()
        return hidden, dict(zip(self.streams, steps, strict=True))

    def _plan(self, sequences: Streams, lengths: Streams) -> Plan:
        joint = torch.stack([lengths[m] for m in self.streams])
        if host.is_on_host(joint) if self.packed is None else self.packed:
            return self.planner.packed(
                joint, training=self.training, gradient=torch.is_grad_enabled()
            )
        padded = [sequences[m].shape[1] for m in self.streams]
        return self.planner.padded(
            joint, padded, training=self.training, uniform=not torch.compiler.is_compiling()
        )

    def _run(self, sequences: Streams, plan: Plan) -> Tensor:
        """Return the hidden rows [N, width] after all layers."""
        computing = Computing(
            heads=self.heads, dropouts=self.dropouts, training=self.training, uniform=plan.uniform
        )
        shared = SharedLayer.of(_blocks(self.input), _blocks(self.cross), own=_blocks(self.own))
        frames = self._frames(sequences, plan)
        hidden = self._start(plan, longest=max(s.shape[1] for s in sequences.values()))
        for layer in plan.layers:
            hidden = shared.apply(hidden, frames, layer=layer, computing=computing)
        return hidden

    def _frames(self, sequences: Streams, plan: Plan) -> tuple[Tensor, Tensor]:
        """Return the projected keys and values [R, width] of all streams' frames.

        All layers share them, since their weights are the same.
        """
        keys, values = [], []
        groups = list(plan.frames.sizes)
        owners = torch.split(plan.frames.owner, groups)
        places = torch.split(plan.frames.place, groups)
        for number, (m, block) in enumerate(zip(self.streams, _blocks(self.input), strict=True)):
            batch, steps, _ = sequences[m].shape
            rows = sequences[m].flatten(0, 1)
            if plan.packed:
                own = owners[number] - number * batch
                rows = rows.index_select(0, own * steps + places[number])
            part = block.attention
            embedded = self._embed(self.scale * rows, places[number], steps=steps)
            seen = embedded if part.key_norm is None else part.key_norm(embedded)
            keys.append(part.key(seen))
            values.append(part.value(seen))
        return torch.cat(keys), torch.cat(values)

    def _start(self, plan: Plan, *, longest: int) -> Tensor:
        """Return the hidden rows [N, width] before the first layer."""
        hidden = plan.hidden
        batch = len(hidden.count) // len(self.streams)
        rows = self.start.index_select(0, hidden.owner // batch)
        steps = -(-longest // self.pattern.stride)
        return self._embed(self.scale * rows, hidden.place, steps=steps)

    def _embed(self, rows: Tensor, places: Tensor, *, steps: int) -> Tensor:
        """Return rows [N, D] with the positions of their places [N] below ``steps``."""
        positions = sinusoids(steps, rows.shape[1], device=rows.device)
        positions = positions.to(rows.dtype).index_select(0, places)
        if self.pattern.skip_zero_frames:
            positions = positions * (rows[:, :1] != 0)
        return dropout_(rows + positions, self.dropouts.embedding, training=self.training)


def _blocks(blocks: nn.ModuleDict) -> list[Block]:
    return [block for block in blocks.values() if isinstance(block, Block)]
