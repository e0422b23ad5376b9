"""Multimodal transformer (MulT): directional crossmodal stacks, then self-attention.

Each stream is convolved to a common width d. A target's crossmodal stacks, one for each source,
keep its own frames as queries and read in every layer the source's low-level frames. Their
results are joined and go through a self-attention stack; its last step represents the target.

Source: Tsai et al., ACL 2019, Sections 3.1-3.2; positions, scaling and initialisation as in the
released code. Departures: with true lengths no padding is attended, convolved or read as the last
step, and every real frame has a position (the released code takes a frame that starts with 0 for
padding); keys and values share one dropout draw; an absent stream is not attended, so the stacks
that read it pass the target's own frames on, and its own vector is zero.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.modules.crossmodal import AttentionStack
from sugrm.modules.dense.frames import Frames, lay_out
from sugrm.modules.dropout import dropout_
from sugrm.modules.dropouts import Dropouts
from sugrm.types import Modality

Streams = Mapping[Modality, Tensor]


class EmbeddedStack(nn.Module):
    """An attention stack that scales its inputs and adds their positions.

    Args:
        width: D, the width of queries, keys and result.
        heads: H, the number of heads of every layer; it divides ``width``.
        layers: number of layers of the stack, at least 1.
        dropouts: dropout probabilities of every layer and of the embedded inputs.
        future_mask: True hides later keys from a query, see ``visible_keys``.
    """

    def __init__(
        self, width: int, *, heads: int, layers: int, dropouts: Dropouts, future_mask: bool
    ) -> None:
        super().__init__()
        self.scale = math.sqrt(width)
        self.embedding_dropout = dropouts.embedding
        self.stack = AttentionStack(
            width, heads=heads, layers=layers, dropouts=dropouts, future_mask=future_mask
        )
        for name, parameter in self.stack.named_parameters():
            if name.endswith("out.weight"):
                nn.init.xavier_uniform_(parameter)

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
            sequence: [B, T, D] frames that query, or [N, D] packed ones.
            frames: their layout.
            source: frames of another stream and their layout; where its length is 0 nothing is
                attended. None for self-attention.
            last: True returns each utterance's last frame alone, [B, D], of self-attention.
        """
        queries = self._embed(sequence, frames)
        if source is not None:
            source = self._embed(*source), source[1]
        result: Tensor = self.stack(queries, frames, source, last=last)
        return result

    def _embed(self, sequence: Tensor, frames: Frames) -> Tensor:
        positioned = frames.with_positions(self.scale * sequence)
        return dropout_(positioned, self.embedding_dropout, training=self.training)


class MultimodalTransformer(nn.Module):
    """Encode the target streams into one vector each.

    Args:
        convolutions: stream -> temporal convolution, for every stream that is read.
        cross: (target, source) -> crossmodal stack, for every source of every target.
        own: target -> self-attention stack, as wide as the target's joined results.
    """

    def __init__(
        self,
        convolutions: Mapping[Modality, nn.Module],
        cross: Mapping[tuple[Modality, Modality], nn.Module],
        *,
        own: Mapping[Modality, nn.Module],
    ) -> None:
        super().__init__()
        self.streams = tuple(convolutions)
        self.convolutions = nn.ModuleDict({m.value: part for m, part in convolutions.items()})
        self.cross = nn.ModuleDict({_name(*pair): stack for pair, stack in cross.items()})
        self.own = nn.ModuleDict({m.value: stack for m, stack in own.items()})

    def forward(self, sequences: Streams, lengths: Streams) -> dict[Modality, Tensor]:
        """Return [B, sources x d] for each target, [B, d] where it reads no other.

        Args:
            sequences: stream -> [B, T, D] frames.
            lengths: stream -> [B] int64 number of real frames; 0 marks an absent stream.
        """
        layout = {m: lay_out(lengths[m], sequences[m].shape[1]) for m in self.streams}
        frames = {
            m: self.convolutions[m](layout[m].arrange(sequences[m]), layout[m])
            for m in self.streams
        }
        result = {}
        for name, stack in self.own.items():
            target = Modality(name)
            joined = self._read_sources(target, frames, layout=layout)
            vectors = stack(joined, layout[target], last=True)
            result[target] = vectors * (lengths[target] > 0)[:, None]
        return result

    def _read_sources(
        self, target: Modality, frames: Streams, *, layout: Mapping[Modality, Frames]
    ) -> Tensor:
        attended = [
            self.cross[_name(target, m)](frames[target], layout[target], (frames[m], layout[m]))
            for m in self.streams
            if m is not target
        ]
        return torch.cat(attended, dim=-1) if attended else frames[target]


def _name(target: Modality, source: Modality) -> str:
    return f"{target}_from_{source}"
