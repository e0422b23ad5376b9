"""Self-MM: one vector per stream, fused late, and a unimodal task per stream.

Source: Yu et al., "Learning Modality-Specific Representations with Self-Supervised Multi-Task
Learning for Multimodal Sentiment Analysis", AAAI 2021, Figure 2, and its released code
(github.com/thuiar/Self-MM, models/multiTask/SELF_MM.py). F_t is the text encoder's first hidden
state, F_a and F_v come from an LSTM each; the multimodal head reads [F_t; F_a; F_v], each unimodal
head its own F_s. The unimodal labels are those of `sugrm.labels.self_mm`. Departures: audio and
vision are read at their own last real step also on aligned input, where the released code counts
the tokens; an absent stream gives a zero vector. Table 4 of Hwang & Kim 2023 adds MRM on the three
sequences, and SPT or a transformer in place of the encoders.

The paper always reads three streams; here each may be left out (``modalities``) and then has no
weights. With one stream the multimodal head reads that stream's vector alone, and there is no MRM.
"""

from collections.abc import Mapping

from torch import nn

from sugrm.config.models import SelfMmConfig, SubNetworksConfig
from sugrm.models.build import Widths, build_encoder, build_recalibration
from sugrm.models.inputs import ModelInputs, read_lengths, read_sequences
from sugrm.models.task_heads import read_heads
from sugrm.modules.heads import ThreeLayerHead
from sugrm.modules.sub_networks import SubNetwork, SubNetworks
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import MODALITY_OF, Batch, Modality, ModelOutput, Task


class SelfMm(nn.Module):
    """Predict the multimodal and the unimodal sentiments of a batch.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        streams: the streams that are read.
        recalibration: gates the features of the streams by one another.
        encoder: turns the streams into one vector each.
        heads: task -> head of three layers.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        *,
        streams: tuple[Modality, ...],
        recalibration: nn.Module,
        encoder: nn.Module,
        heads: Mapping[Task, nn.Module],
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.streams = streams
        self.recalibration = recalibration
        self.encoder = encoder
        self.heads = nn.ModuleDict({task.value: head for task, head in heads.items()})

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the predictions [B] and features [B, D] of every head's task."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = read_lengths(batch, sequences, true=True)
        encoded = self.encoder(self.recalibration(sequences, lengths), lengths)
        return read_heads(self.heads, encoded, lengths=lengths)


def build_self_mm(config: SelfMmConfig, inputs: ModelInputs) -> SelfMm:
    """Return Self-MM on the modalities of the options, with one head for each task."""
    widths = {m: inputs.widths[m] for m in config.modalities}
    recalibration = build_recalibration(config.recalibration, widths)
    encoder, encoded_widths = _encoder(config, widths)
    return SelfMm(
        inputs.text_encoder,
        streams=config.modalities,
        recalibration=recalibration,
        encoder=encoder,
        heads=_heads(config, inputs.tasks, encoded=encoded_widths),
    )


def _encoder(config: SelfMmConfig, widths: Widths) -> tuple[nn.Module, Widths]:
    """Return the encoder and the width of each vector that it makes."""
    options = config.encoder
    if not isinstance(options, SubNetworksConfig):
        shared = build_encoder(options, widths, width=config.encoder_width)
        return shared, dict.fromkeys(widths, shared.out_width)
    own = SubNetworks(
        widths.get(Modality.TEXT),
        audio=_sub_network(options, widths, stream=Modality.AUDIO),
        vision=_sub_network(options, widths, stream=Modality.VISION),
    )
    return own, own.out_widths


def _sub_network(
    options: SubNetworksConfig, widths: Widths, *, stream: Modality
) -> SubNetwork | None:
    """Return the LSTM of a stream with its layers; None where the stream is not read."""
    if stream not in widths:
        return None
    return SubNetwork(
        widths[stream],
        hidden=getattr(options, f"{stream}_hidden"),
        out_width=getattr(options, f"{stream}_out"),
        dropout=getattr(options, f"{stream}_dropout"),
    )


def _heads(
    config: SelfMmConfig, tasks: tuple[Task, ...], *, encoded: Widths
) -> dict[Task, nn.Module]:
    sizes = {
        Task.MULTIMODAL: (config.fusion_width, config.fusion_dropout),
        Task.TEXT: (config.text_width, config.text_dropout),
        Task.AUDIO: (config.audio_width, config.audio_dropout),
        Task.VISION: (config.vision_width, config.vision_dropout),
    }
    heads: dict[Task, nn.Module] = {}
    for task in tasks:
        read = encoded if task is Task.MULTIMODAL else [MODALITY_OF[task]]
        width, dropout = sizes[task]
        heads[task] = ThreeLayerHead(sum(encoded[m] for m in read), width, dropout=dropout)
    return heads
