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
from torch.nn import functional as F

from sugrm.modules.attention import Attention
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.positions import add_positions, last_frame, real_frames
from sugrm.modules.sparse_attention import FeedForward
from sugrm.types import Modality


class AttentionStack(nn.Module):
    """Pre-norm attention layers of one sequence over another, or over itself."""

    def __init__(self, width: int, *, heads: int, layers: int, dropouts: Dropouts) -> None:
        super().__init__()
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
        keys: Tensor | None,
        visible: Tensor,
        *,
        attends: Tensor | None = None,
    ) -> Tensor:
        """Return [B, T, width].

        Args:
            sequence: [B, T, width] queries.
            keys: [B, K, width] keys and values; None for self-attention.
            visible: [B, 1 or T, K] bool, True where a query may attend to a key.
            attends: [B] bool, True where attention adds to the sequence; None adds everywhere.
        """
        layers = zip(self.attentions, self.norms, self.feed_forwards, strict=True)
        for attention, norm, feed_forward in layers:
            query = norm(sequence)
            attended = attention(query, query if keys is None else norm(keys), visible)
            if attends is not None:
                attended = attended * attends[:, None, None]
            sequence = sequence + F.dropout(attended, self.residual_dropout, self.training)
            sequence = feed_forward(sequence)
        result: Tensor = self.final_norm(sequence)
        return result


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
        embedded = {m: self._embed(m, sequences[m]) for m in self.streams}
        visible = {
            m: real_frames(lengths[m].clamp(min=1), sequences[m].shape[1])[:, None]
            for m in self.streams
        }
        result = {}
        for m in self.streams:
            attended = self._read_others(m, embedded, visible=visible, lengths=lengths)
            result[m] = last_frame(self.own[m](attended, None, visible[m]), lengths[m])
        return result

    def _embed(self, m: Modality, sequence: Tensor) -> Tensor:
        scaled = add_positions(self.scale * self.project[m](sequence), skip_zero_frames=False)
        return F.dropout(scaled, self.embedding_dropout, self.training)

    def _read_others(
        self,
        target: Modality,
        embedded: Mapping[Modality, Tensor],
        *,
        visible: Mapping[Modality, Tensor],
        lengths: Mapping[Modality, Tensor],
    ) -> Tensor:
        """Return the target attended to the other streams, unchanged where none is present."""
        attended, present = [], []
        for source in self.streams:
            name = f"{target}_from_{source}"
            if name not in self.cross:
                continue
            present.append((lengths[source] > 0)[:, None, None])
            result = self.cross[name](embedded[target], embedded[source], visible[source])
            attended.append(result * present[-1])
        if not attended:
            return embedded[target]
        alone = ~torch.stack(present).any(0)
        return torch.where(alone, embedded[target], torch.stack(attended).sum(0))
