"""The sparse phased transformer, padded: every query of a padded batch is computed."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.base.attention import Block, windows_of
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.sparse_pattern import SparsePattern
from sugrm.types import Modality

STREAMS = (Modality.AUDIO, Modality.TEXT, Modality.VISION)
PAIRS = (
    (Modality.AUDIO, Modality.TEXT),
    (Modality.TEXT, Modality.VISION),
    (Modality.VISION, Modality.AUDIO),
)

Streams = Mapping[Modality, Tensor]


def positions(steps: int, width: int) -> Tensor:
    """Return sines, then cosines, of the positions 1, 2, ..., ``steps``: [steps, width]."""
    half = width // 2
    rates = torch.exp(torch.arange(half) * (-math.log(10000) / max(half - 1, 1)))
    angles = torch.arange(1, steps + 1)[:, None] * rates
    table = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
    return F.pad(table, (0, width - 2 * half))


class Spt(nn.Module):
    """Encode three sequences into one vector each; see `SparsePhasedTransformer`."""

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
        self.layers, self.pattern, self.dropouts = layers, pattern, dropouts
        self.scale = math.sqrt(width)
        self.start = nn.Parameter(torch.zeros(len(STREAMS), width))
        options = {"heads": heads, "dropouts": dropouts}
        self.input = nn.ModuleDict(
            {m: Block(width, key_width=widths[m], **options) for m in STREAMS}
        )
        self.cross = nn.ModuleDict(
            {f"{a}_{b}": Block(width, key_width=width, **options) for a, b in PAIRS}
        )
        self.own = nn.ModuleDict({m: Block(width, key_width=None, **options) for m in STREAMS})
        self.norm = nn.LayerNorm(width)

    def forward(self, sequences: Streams, lengths: Streams) -> dict[Modality, Tensor]:
        """Return [B, width] for each stream.

        Args:
            sequences: stream -> [B, T, D] frames, padded at the back.
            lengths: stream -> [B] number of frames; 0 marks an absent stream.
        """
        frames = {m: lengths[m].clamp(min=1) for m in STREAMS}
        steps = {m: -(-frames[m] // self.pattern.stride) for m in STREAMS}
        keys = {m: self._embedded(sequences[m]) for m in STREAMS}
        hidden = {}
        for start, m in zip(self.start, STREAMS, strict=True):
            queries = -(-sequences[m].shape[1] // self.pattern.stride)
            hidden[m] = self._embedded(start.expand(len(lengths[m]), queries, -1))
        for layer in range(self.layers):
            hidden = self._inputs_read(hidden, keys, frames=frames, layer=layer)
            hidden = self._others_read(hidden, lengths, steps=steps, layer=layer)
            hidden = self._selves_read(hidden, steps, layer=layer)
        rows = torch.arange(len(steps[Modality.TEXT]))
        return {m: self.norm(hidden[m])[rows, steps[m] - 1] for m in STREAMS}

    def _embedded(self, sequence: Tensor) -> Tensor:
        sequence = self.scale * sequence
        table = positions(sequence.shape[1], sequence.shape[2])
        if self.pattern.skip_zero_frames:
            table = table * (sequence[..., :1] != 0)
        return F.dropout(sequence + table, self.dropouts.embedding, self.training)

    def _inputs_read(
        self, hidden: Streams, keys: Streams, *, frames: Streams, layer: int
    ) -> dict[Modality, Tensor]:
        stride, size = self.pattern.stride, 2 * self.pattern.radius[0] + 1
        result = {}
        for m in STREAMS:
            queries = hidden[m].shape[1]
            wave = frames[m][:, None] * torch.sin(0.25 * torch.arange(queries))
            shift = layer + wave.long() if self.pattern.phase else torch.zeros(1, 1).long()
            windows = windows_of(queries, frames[m], stride=stride, size=size, shift=shift)
            result[m] = self.input[m](hidden[m], keys[m], windows)
        return result

    def _others_read(
        self, hidden: Streams, lengths: Streams, *, steps: Streams, layer: int
    ) -> dict[Modality, Tensor]:
        size, shift = 2 * self.pattern.radius[1] + 1, torch.full((1, 1), layer)
        total = {m: torch.zeros_like(hidden[m]) for m in STREAMS}
        for pair in PAIRS:
            for (target, source), reverse in ((pair, False), (pair[::-1], True)):
                windows = windows_of(
                    hidden[target].shape[1], steps[source], stride=1, size=size, shift=shift
                )
                block = self.cross["_".join(pair)]
                read = block(hidden[target], hidden[source], windows, reverse=reverse)
                present = (lengths[source] > 0)[:, None, None]
                total[target] = total[target] + read * present
        result = {}
        for m in STREAMS:
            alone = sum((lengths[other] > 0).long() for other in STREAMS if other != m) == 0
            result[m] = torch.where(alone[:, None, None], hidden[m], total[m])
        return result

    def _selves_read(
        self, hidden: Streams, steps: Streams, *, layer: int
    ) -> dict[Modality, Tensor]:
        size, shift = 2 * self.pattern.radius[2] + 1, torch.full((1, 1), layer)
        return {
            m: self.own[m](
                hidden[m],
                None,
                windows_of(hidden[m].shape[1], steps[m], stride=1, size=size, shift=shift),
            )
            for m in STREAMS
        }
