"""MulT: the multimodal transformer for unaligned multimodal language sequences.

Source: Tsai et al., ACL 2019, Figure 2 and Section 3.2; the head, a residual block on the
joined vectors of all streams, as in the released code (yaohungt/Multimodal-Transformer).
Departures: the text encoder's states or any text features in place of GloVe vectors; every stream
is convolved, also one that already has the common width; see ``multimodal_transformer`` for
lengths and absent streams.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from sugrm.config.models import MultConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.modules.dropout import dropout
from sugrm.modules.dropouts import Dropouts
from sugrm.modules.heads import ResidualHead
from sugrm.modules.multimodal_transformer import EmbeddedStack, MultimodalTransformer
from sugrm.modules.temporal_convolution import TemporalConvolution
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput

_LEAST_SELF_LAYERS = 3


class Mult(nn.Module):
    """Predict the sentiment from crossmodal attention between whole streams.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        encoder: turns the streams into one vector for each target.
        head: reads the joined vectors.
        text_dropout: dropout probability on the text features.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        *,
        encoder: MultimodalTransformer,
        head: ResidualHead,
        text_dropout: float,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.encoder = encoder
        self.head = head
        self.text_dropout = text_dropout

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B] and the residual block's output [B, targets x sources x d]."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.encoder.streams)
        lengths = read_lengths(batch, sequences, true=True)
        if Modality.TEXT in sequences:
            text = sequences[Modality.TEXT]
            sequences[Modality.TEXT] = dropout(text, self.text_dropout, training=self.training)
        vectors: dict[Modality, Tensor] = self.encoder(sequences, lengths)
        joined = torch.cat(list(vectors.values()), dim=-1)
        with torch.autocast(joined.device.type, enabled=False):
            return multimodal_output(*self.head(joined.float()))


def build_mult(config: MultConfig, inputs: ModelInputs) -> Mult:
    """Return MulT with the stacks that its modalities and targets call for."""
    targets = config.targets or config.modalities
    joined = config.width * max(1, len(config.modalities) - 1)
    return Mult(
        inputs.text_encoder,
        encoder=MultimodalTransformer(
            {m: _convolution(config, m, in_width=inputs.widths[m]) for m in config.modalities},
            cross={
                (target, source): _cross(config, source)
                for target in targets
                for source in config.modalities
                if source is not target
            },
            own={target: _own(config, joined) for target in targets},
        ),
        head=ResidualHead(len(targets) * joined, dropout=config.output_dropout),
        text_dropout=config.text_dropout,
    )


def _convolution(config: MultConfig, stream: Modality, *, in_width: int) -> TemporalConvolution:
    kernel_size = getattr(config.kernel_sizes, stream)
    return TemporalConvolution(in_width, config.width, kernel_size=kernel_size)


def _cross(config: MultConfig, source: Modality) -> EmbeddedStack:
    attention_dropout = {
        Modality.TEXT: config.attention_dropout,
        Modality.AUDIO: config.audio_attention_dropout,
        Modality.VISION: config.vision_attention_dropout,
    }
    return EmbeddedStack(
        config.width,
        heads=config.heads,
        layers=config.layers,
        dropouts=replace(_dropouts(config), attention=attention_dropout[source]),
        future_mask=config.future_mask,
    )


def _own(config: MultConfig, width: int) -> EmbeddedStack:
    return EmbeddedStack(
        width,
        heads=config.heads,
        layers=config.self_layers or max(config.layers, _LEAST_SELF_LAYERS),
        dropouts=_dropouts(config),
        future_mask=config.future_mask,
    )


def _dropouts(config: MultConfig) -> Dropouts:
    return Dropouts(
        attention=config.attention_dropout,
        relu=config.relu_dropout,
        residual=config.residual_dropout,
        embedding=config.embedding_dropout,
    )
