"""MulT and the Transformer encoder of Table 4, padded: padding is computed as frames are."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.base.attention import FeedForward
from benchmarks.base.spt import positions
from sugrm.config.models import MultConfig
from sugrm.config.sections.encoders import TransformerConfig
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.heads import ResidualHead
from sugrm.types import Batch, Modality

Streams = Mapping[Modality, Tensor]


def real(lengths: Tensor, steps: int) -> Tensor:
    """Return [B, steps] True for real frames, and for the first frame of an absent stream."""
    return torch.arange(steps) < lengths.clamp(min=1)[:, None]


def last(sequence: Tensor, lengths: Tensor) -> Tensor:
    """Return [B, D], the last real frame of each utterance."""
    return sequence[torch.arange(len(lengths)), lengths.clamp(min=1) - 1]


class Attention(nn.Module):
    """Multi-head attention of a padded sequence over another or itself."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.weight = nn.Parameter(torch.empty(3 * width, width))
        self.bias = nn.Parameter(torch.empty(3 * width))
        self.out = nn.Linear(width, width)

    def forward(self, queries: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        """Return [B, T, D] from queries [B, T, D], keys [B, K, D] and mask [B, 1 or T, K]."""
        projections = zip(self.weight.chunk(3), self.bias.chunk(3), strict=True)
        given = (queries, keys, keys)
        query, key, value = (
            F.linear(rows, *own).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for rows, own in zip(given, projections, strict=True)
        )
        dropout = self.dropout if self.training else 0.0
        attended = F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask[:, None], dropout_p=dropout
        )
        result: Tensor = self.out(attended.transpose(1, 2).flatten(2))
        return result


class Stack(nn.Module):
    """Pre-norm attention layers, with or without the future mask."""

    def __init__(
        self, width: int, *, heads: int, layers: int, dropouts: Dropouts, future_mask: bool
    ) -> None:
        super().__init__()
        self.residual, self.future_mask = dropouts.residual, future_mask
        self.attentions = nn.ModuleList(
            Attention(width, heads, dropouts.attention) for _ in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.feed_forwards = nn.ModuleList(FeedForward(width, dropouts) for _ in range(layers))
        self.final_norm = nn.LayerNorm(width)

    def forward(
        self, sequence: Tensor, lengths: Tensor, source: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        """Return [B, T, D]; ``source`` is a stream's frames and lengths, None for itself."""
        keys, key_lengths = source or (sequence, lengths)
        mask = real(key_lengths, keys.shape[1])[:, None]
        if self.future_mask:
            latest = torch.arange(sequence.shape[1]) + (key_lengths - lengths).abs()[:, None]
            mask = mask & (torch.arange(keys.shape[1]) <= latest[..., None])
        for attention, norm, feed_forward in zip(
            self.attentions, self.norms, self.feed_forwards, strict=True
        ):
            query = norm(sequence)
            attended = attention(query, norm(keys) if source else query, mask)
            if source:
                attended = attended * (key_lengths > 0)[:, None, None]
            sequence = feed_forward(sequence + F.dropout(attended, self.residual, self.training))
        result: Tensor = self.final_norm(sequence)
        return result


class _Embedded(nn.Module):
    """A stack of MulT, which embeds what it reads."""

    def __init__(self, width: int, config: MultConfig, *, layers: int, attention: float) -> None:
        super().__init__()
        dropouts = Dropouts(
            attention=attention,
            relu=config.relu_dropout,
            residual=config.residual_dropout,
            embedding=config.embedding_dropout,
        )
        self.dropout, self.scale = dropouts.embedding, math.sqrt(width)
        self.stack = Stack(
            width,
            heads=config.heads,
            layers=layers,
            dropouts=dropouts,
            future_mask=config.future_mask,
        )

    def forward(
        self, sequence: Tensor, lengths: Tensor, source: tuple[Tensor, Tensor] | None = None
    ) -> Tensor:
        if source is not None:
            source = self._embedded(source[0]), source[1]
        result: Tensor = self.stack(self._embedded(sequence), lengths, source)
        return result

    def _embedded(self, sequence: Tensor) -> Tensor:
        positioned = self.scale * sequence + positions(*sequence.shape[1:])
        return F.dropout(positioned, self.dropout, self.training)


class PlainMult(nn.Module):
    """MulT of all three streams without a text encoder.

    Args:
        config: options of MulT.
        widths: stream -> D, the width of its frames.
    """

    def __init__(self, config: MultConfig, widths: Mapping[Modality, int]) -> None:
        super().__init__()
        width, joined = config.width, 2 * config.width
        attention = {
            Modality.TEXT: config.attention_dropout,
            Modality.AUDIO: config.audio_attention_dropout,
            Modality.VISION: config.vision_attention_dropout,
        }
        self.text_dropout = config.text_dropout
        self.encoder = nn.Module()
        self.encoder.convolutions = nn.ModuleDict()
        self.encoder.cross, self.encoder.own = nn.ModuleDict(), nn.ModuleDict()
        for m, size in widths.items():
            kernel = getattr(config.kernel_sizes, m)
            convolution = nn.Conv1d(size, width, kernel, padding=kernel // 2, bias=False)
            self.encoder.convolutions[m] = nn.ModuleDict({"convolution": convolution})
            for source in widths:
                if source != m:
                    self.encoder.cross[f"{m}_from_{source}"] = _Embedded(
                        width, config, layers=config.layers, attention=attention[source]
                    )
            layers = config.self_layers or max(config.layers, 3)
            self.encoder.own[m] = _Embedded(
                joined, config, layers=layers, attention=config.attention_dropout
            )
        self.head = ResidualHead(3 * joined, dropout=config.output_dropout)

    def forward(self, batch: Batch) -> Tensor:
        """Return the prediction [B]."""
        text, audio, vision = Modality.TEXT, Modality.AUDIO, Modality.VISION
        given = {text: batch.text_features, audio: batch.audio, vision: batch.vision}
        given[text] = F.dropout(given[text], self.text_dropout, self.training)
        lengths = {
            text: batch.text_lengths,
            audio: batch.audio_lengths,
            vision: batch.vision_lengths,
        }
        frames = {m: self._convolved(m, given[m], lengths[m]) for m in given}
        vectors = []
        for target in frames:
            read = [
                self.encoder.cross[f"{target}_from_{m}"](
                    frames[target], lengths[target], (frames[m], lengths[m])
                )
                for m in frames
                if m != target
            ]
            own = self.encoder.own[target](torch.cat(read, dim=2), lengths[target])
            vectors.append(last(own, lengths[target]) * (lengths[target] > 0)[:, None])
        result: Tensor = self.head(torch.cat(vectors, dim=1))[1]
        return result

    def _convolved(self, m: Modality, sequence: Tensor, lengths: Tensor) -> Tensor:
        there = torch.arange(sequence.shape[1]) < lengths[:, None]
        own = torch.where(there[..., None], sequence, 0.0)
        convolved = self.encoder.convolutions[m]["convolution"](own.transpose(1, 2))
        result: Tensor = convolved.transpose(1, 2)
        return result


class PlainTransformer(nn.Module):
    """The crossmodal Transformer encoder of three streams.

    Args:
        config: its options.
        widths: stream -> D, the width of its frames.
        width: the width of every stack.
    """

    def __init__(
        self, config: TransformerConfig, widths: Mapping[Modality, int], *, width: int
    ) -> None:
        super().__init__()
        self.scale, self.dropout = math.sqrt(width), config.embedding_dropout
        dropouts = Dropouts(
            attention=config.attention_dropout,
            relu=config.relu_dropout,
            residual=config.residual_dropout,
        )
        options = {"heads": config.heads, "layers": config.layers, "dropouts": dropouts}
        self.project = nn.ModuleDict(
            {m: nn.Linear(d, width, bias=False) for m, d in widths.items()}
        )
        pairs = [(a, b) for a in widths for b in widths if a != b]
        self.cross = nn.ModuleDict(
            {f"{a}_from_{b}": Stack(width, future_mask=False, **options) for a, b in pairs}
        )
        self.own = nn.ModuleDict({m: Stack(width, future_mask=False, **options) for m in widths})

    def forward(self, sequences: Streams, lengths: Streams) -> dict[Modality, Tensor]:
        """Return [B, width] for each stream of [B, T, D] frames and [B] lengths."""
        embedded = {m: self._embedded(m, sequence) for m, sequence in sequences.items()}
        result = {}
        for m in embedded:
            total, present = torch.zeros_like(embedded[m]), torch.zeros(len(lengths[m]), 1, 1)
            for source in embedded:
                if source != m:
                    keys = embedded[source], lengths[source]
                    there = (lengths[source] > 0)[:, None, None]
                    read = self.cross[f"{m}_from_{source}"](embedded[m], lengths[m], keys)
                    total, present = total + read * there, present + there
            read = torch.where(present > 0, total, embedded[m])
            result[m] = last(self.own[m](read, lengths[m]), lengths[m])
        return result

    def _embedded(self, m: Modality, sequence: Tensor) -> Tensor:
        frames = self.scale * self.project[m](sequence)
        return F.dropout(frames + positions(*frames.shape[1:]), self.dropout, self.training)
