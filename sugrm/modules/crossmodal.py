"""Transformer encoder of Table 4: MulT's crossmodal stacks, or plain self-attention.

Source: Tsai et al., ACL 2019, Sections 3.1-3.2: pre-norm layers; in a crossmodal stack the
queries come from the stream itself and, in every layer, keys and values from the other stream's
embedded frames; a self-attention stack follows, and its last step represents the stream.
Departure: MulT joins its two crossmodal results to twice the width; here they are summed, so that
the encoder keeps the common width as SPT does. With two streams each reads the other; of one
stream only the self-attention stack remains, as in MulT.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.modules.attention import Attention
from sugrm.modules.dense.frames import Frames, lay_out
from sugrm.modules.dropout import dropout_
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.sparse_attention import FeedForward
from sugrm.types import Modality

Layouts = Mapping[Modality, Frames]


class AttentionStack(nn.Module):
    """Pre-norm attention layers of one sequence over another, or over itself.

    Args:
        width: D, the width of queries, keys and result.
        heads: H, the number of heads of every layer; it divides ``width``.
        layers: number of layers, at least 1.
        dropouts: dropout probabilities of every layer.
        future_mask: True hides later keys from a query, see ``visible_keys``.
    """

    def __init__(
        self,
        width: int,
        *,
        heads: int,
        layers: int,
        dropouts: Dropouts,
        future_mask: bool = False,
    ) -> None:
        super().__init__()
        self.heads, self.future_mask = heads, future_mask
        self.residual_dropout = dropouts.residual
        self.attentions = nn.ModuleList(
            Attention(width, heads, dropout=dropouts.attention) for _ in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.feed_forwards = nn.ModuleList(FeedForward(width, dropouts) for _ in range(layers))
        self.final_norm = nn.LayerNorm(width)

    def forward(
        self,
        sequence: Tensor,
        frames: Frames,
        source: tuple[Tensor, Frames] | None = None,
        *,
        last: bool = False,
    ) -> Tensor:
        """Return the sequence after all layers, laid out as before.

        Args:
            sequence: [B, T, width] queries, or [N, width] packed ones.
            frames: their layout.
            source: keys and values of another stream and their layout; where its length is 0
                nothing is attended. None for self-attention.
            last: True returns each utterance's last frame alone, [B, width]; of the last layer of
                self-attention no other frame is computed. It sees all frames, with the future mask
                too.
        """
        keys, key_frames = (None, frames) if source is None else source
        attends = None if source is None else frames.spread(key_frames.lengths > 0)
        visible = frames.visible(key_frames, heads=self.heads, future_mask=self.future_mask)
        for layer in range(len(self.attentions)):
            query = self.norms[layer](sequence)
            seen = query if keys is None else self.norms[layer](keys)
            if last and layer == len(self.attentions) - 1:
                sequence, query = frames.last(sequence), frames.last(query)
                ends = frames.last_frames()
                visible = ends.visible(key_frames, heads=self.heads, future_mask=False)
            attended = self.attentions[layer](query, seen, visible)
            if attends is not None:
                attended = attended * attends
            sequence = sequence + dropout_(attended, self.residual_dropout, training=self.training)
            sequence = self.feed_forwards[layer](sequence)
        result: Tensor = self.final_norm(sequence)
        return result.flatten(0, -2) if last else result


class TransformerEncoder(nn.Module):
    """Encode one to three sequences into one vector each.

    Args:
        widths: stream -> D, the width of its frames.
        width: D, the width of every stack.
        heads: H, the number of heads of every attention; it divides ``width``.
        layers: number of layers of every stack, at least 1.
        crossmodal: True lets each stream attend to the others before its self-attention stack.
        dropouts: dropout probabilities of every layer and of the embedded inputs.
    """

    def __init__(
        self,
        widths: Mapping[Modality, int],
        width: int,
        *,
        heads: int,
        layers: int,
        crossmodal: bool,
        dropouts: Dropouts,
    ) -> None:
        super().__init__()
        self.out_width = width
        self.scale = math.sqrt(width)
        self.embedding_dropout = dropouts.embedding
        self.project = nn.ModuleDict(
            {m: nn.Linear(d, width, bias=False) for m, d in widths.items()}
        )
        self.streams = tuple(widths)

        def stack() -> AttentionStack:
            return AttentionStack(width, heads=heads, layers=layers, dropouts=dropouts)

        pairs = [(a, b) for a in widths for b in widths if a != b and crossmodal]
        self.cross = nn.ModuleDict({f"{a}_from_{b}": stack() for a, b in pairs})
        self.own = nn.ModuleDict({m: stack() for m in widths})

    def forward(
        self, sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> dict[Modality, Tensor]:
        """Return [B, width] for each stream from [B, T, D] frames and [B] lengths."""
        layout = {m: lay_out(lengths[m], sequences[m].shape[1]) for m in self.streams}
        embedded = {
            m: self._embed(m, layout[m].arrange(sequences[m]), frames=layout[m])
            for m in self.streams
        }
        return {
            m: self.own[m](self._read_others(m, embedded, layout=layout), layout[m], last=True)
            for m in self.streams
        }

    def _embed(self, m: Modality, sequence: Tensor, *, frames: Frames) -> Tensor:
        scaled = frames.with_positions(self.scale * self.project[m](sequence))
        return dropout_(scaled, self.embedding_dropout, training=self.training)

    def _read_others(
        self, target: Modality, embedded: Mapping[Modality, Tensor], *, layout: Layouts
    ) -> Tensor:
        """Return the target attended to the other streams, unchanged where none is present."""
        attended, present = [], []
        for source in self.streams:
            name = f"{target}_from_{source}"
            if name not in self.cross:
                continue
            keys = embedded[source], layout[source]
            result = self.cross[name](embedded[target], layout[target], keys)
            present.append(layout[target].spread(layout[source].lengths > 0))
            attended.append(result * present[-1])
        if not attended:
            return embedded[target]
        alone = ~torch.stack(present).any(0)
        return torch.where(alone, embedded[target], torch.stack(attended).sum(0))
