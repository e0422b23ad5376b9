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
from torch.nn import functional as F

from sugrm.modules.dropouts import Dropouts
from sugrm.modules.positions import add_positions, last_frame
from sugrm.modules.sparse_attention import FeedForward, SparseAttention, window_indices
from sugrm.modules.sparse_pattern import SparsePattern
from sugrm.types import Modality

_INPUT, _CROSS, _SELF = range(3)  # the kinds of attention, in the order of ``radius``
_ORDER = (Modality.AUDIO, Modality.TEXT, Modality.VISION)
# The crossmodal pairs (a, t), (t, v), (v, a): the first of each is the query in the forward
# direction.
PAIRS = (
    (Modality.AUDIO, Modality.TEXT),
    (Modality.TEXT, Modality.VISION),
    (Modality.VISION, Modality.AUDIO),
)

Streams = Mapping[Modality, Tensor]


class _Block(nn.Module):
    """Sparse attention and its feed-forward block."""

    def __init__(
        self, width: int, heads: int, *, key_width: int | None, dropouts: Dropouts
    ) -> None:
        super().__init__()
        self.attention = SparseAttention(width, heads, key_width=key_width, dropouts=dropouts)
        self.feed_forward = FeedForward(width, dropouts)

    def forward(
        self, hidden: Tensor, keys: Tensor | None, indices: Tensor, *, reverse: bool = False
    ) -> Tensor:
        attended: Tensor = self.attention(hidden, keys, indices, reverse=reverse)
        result: Tensor = self.feed_forward(attended)
        return result


class SparsePhasedTransformer(nn.Module):
    """Encode one to three sequences into one vector each.

    Args:
        widths: stream -> D, the width of its frames.
        width: D, the width of the hidden sequences.
        heads: H, the number of heads of every attention; it divides ``width``.
        layers: how often the shared layer is applied, at least 1.
        pattern: the keys that each query sees.
        dropouts: dropout probabilities of every block and of the embedded inputs.
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
        self.out_width, self.layers, self.pattern = width, layers, pattern
        self.windows = tuple(2 * r + 1 for r in pattern.radius)
        self.embedding_dropout = dropouts.embedding
        self.streams = tuple(m for m in _ORDER if m in widths)
        self.scale = math.sqrt(width)  # also of the inputs, whatever their width
        self.start = nn.Parameter(nn.init.xavier_uniform_(torch.empty(len(self.streams), width)))

        def block(key_width: int | None) -> _Block:
            return _Block(width, heads, key_width=key_width, dropouts=dropouts)

        self.input = nn.ModuleDict({m: block(widths[m]) for m in self.streams})
        self.cross = nn.ModuleDict({f"{a}_{b}": block(width) for a, b in self._pairs()})
        self.own = nn.ModuleDict({m: block(None) for m in self.streams})
        self.norm = nn.LayerNorm(width)

    def _pairs(self) -> tuple[tuple[Modality, Modality], ...]:
        return tuple(pair for pair in PAIRS if set(pair) <= set(self.streams))

    def forward(self, sequences: Streams, lengths: Streams) -> dict[Modality, Tensor]:
        """Return [B, width] for each stream.

        Args:
            sequences: stream -> [B, T, D] frames.
            lengths: stream -> [B] int64 number of frames that count; 0 marks an absent stream.
        """
        hidden, steps = self.hidden_sequences(sequences, lengths)
        return {m: last_frame(hidden[m], steps[m]) for m in self.streams}

    def hidden_sequences(
        self, sequences: Streams, lengths: Streams
    ) -> tuple[dict[Modality, Tensor], dict[Modality, Tensor]]:
        """Return the final [B, L, width] hidden sequences and their [B] true lengths."""
        present = {m: lengths[m] > 0 for m in self.streams}
        frames = {m: lengths[m].clamp(min=1) for m in self.streams}
        steps = {
            m: (frames[m] + self.pattern.stride - 1) // self.pattern.stride for m in self.streams
        }
        keys = {m: self._embed(self.scale * sequences[m]) for m in self.streams}
        hidden = self._start(sequences)
        for layer in range(self.layers):
            hidden = self._read_inputs(hidden, keys, frames=frames, steps=steps, layer=layer)
            hidden = self._read_others(hidden, steps, present=present, layer=layer)
            hidden = self._read_selves(hidden, steps, layer=layer)
        return {m: self.norm(hidden[m]) for m in self.streams}, steps

    def _embed(self, sequence: Tensor) -> Tensor:
        positioned = add_positions(sequence, skip_zero_frames=self.pattern.skip_zero_frames)
        return F.dropout(positioned, self.embedding_dropout, self.training)

    def _start(self, sequences: Streams) -> dict[Modality, Tensor]:
        hidden = {}
        for row, m in enumerate(self.streams):
            batch, frames, _ = sequences[m].shape
            steps = -(-frames // self.pattern.stride)
            hidden[m] = self._embed(self.scale * self.start[row].expand(batch, steps, -1))
        return hidden

    def _read_inputs(
        self, hidden: Streams, keys: Streams, *, frames: Streams, steps: Streams, layer: int
    ) -> dict[Modality, Tensor]:
        result = {}
        for m in self.streams:
            queries = hidden[m].shape[1]
            shift = self.pattern.phase_shift(
                queries, frames[m], steps=steps[m], layer=layer, training=self.training
            )
            indices = window_indices(
                queries,
                frames[m],
                stride=self.pattern.stride,
                window=self.windows[_INPUT],
                shift=shift,
            )
            result[m] = self.input[m](hidden[m], keys[m], indices)
        return result

    def _read_others(
        self, hidden: Streams, steps: Streams, *, present: Streams, layer: int
    ) -> dict[Modality, Tensor]:
        found: dict[Modality, list[tuple[Tensor, Tensor]]] = {m: [] for m in self.streams}
        for a, b in self._pairs():
            for target, source, reverse in ((a, b, False), (b, a, True)):
                indices = self._window(hidden[target], steps[source], kind=_CROSS, layer=layer)
                attended = self.cross[f"{a}_{b}"](
                    hidden[target], hidden[source], indices, reverse=reverse
                )
                found[target].append((attended, present[source]))
        return {m: _sum_of_present(hidden[m], found[m]) for m in self.streams}

    def _read_selves(
        self, hidden: Streams, steps: Streams, *, layer: int
    ) -> dict[Modality, Tensor]:
        return {
            m: self.own[m](
                hidden[m], None, self._window(hidden[m], steps[m], kind=_SELF, layer=layer)
            )
            for m in self.streams
        }

    def _window(self, hidden: Tensor, steps: Tensor, *, kind: int, layer: int) -> Tensor:
        shift = steps.new_full((1, 1), layer)
        return window_indices(
            hidden.shape[1], steps, stride=1, window=self.windows[kind], shift=shift
        )


def _sum_of_present(hidden: Tensor, found: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Return the sum over the present sources, ``hidden`` itself where there is none."""
    if not found:
        return hidden
    terms = (attended * present[:, None, None] for attended, present in found)
    total = sum(terms, torch.zeros_like(hidden))
    alone = ~torch.stack([present for _, present in found]).any(0)
    return torch.where(alone[:, None, None], hidden, total)
