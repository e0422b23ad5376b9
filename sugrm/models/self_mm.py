"""Self-MM: one vector per stream, fused late, and a unimodal task per stream.

Source: Yu et al., "Learning Modality-Specific Representations with Self-Supervised Multi-Task
Learning for Multimodal Sentiment Analysis", AAAI 2021, Figure 2, and its released code
(github.com/thuiar/Self-MM, models/multiTask/SELF_MM.py). F_t is the text encoder's first hidden
state, F_a and F_v come from an LSTM each; the multimodal head reads [F_t; F_a; F_v], each unimodal
head its own F_s. The unimodal labels are those of `sugrm.labels.self_mm`. Departures: audio and
vision are read at their own last real step also on aligned input, where the released code counts
the tokens; an absent stream gives a zero vector. Table 4 of Hwang & Kim 2023 adds MRM on the three
sequences, and SPT or a transformer in place of the encoders.
"""

from collections.abc import Mapping

from torch import nn

from sugrm.config.models import SelfMmConfig, SubNetworksConfig
from sugrm.models.build import Widths, build_encoder
from sugrm.models.inputs import ModelInputs, read_lengths, read_sequences
from sugrm.models.task_heads import read_heads
from sugrm.modules.heads import ThreeLayerHead
from sugrm.modules.recalibration import NoRecalibration, Recalibration
from sugrm.modules.sub_networks import SubNetwork, SubNetworks
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput, Task


class SelfMm(nn.Module):
    """Predict the multimodal and the unimodal sentiments of a batch.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        recalibration: gates the features of all streams.
        encoder: turns the streams into one vector each.
        heads: task -> head of three layers.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        *,
        recalibration: nn.Module,
        encoder: nn.Module,
        heads: Mapping[Task, nn.Module],
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.recalibration = recalibration
        self.encoder = encoder
        self.heads = nn.ModuleDict({task.value: head for task, head in heads.items()})

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the predictions [B] and features [B, D] of every head's task."""
        sequences = read_sequences(batch, self.text_encoder)
        lengths = read_lengths(batch, sequences, true=True)
        encoded = self.encoder(self.recalibration(sequences, lengths), lengths)
        return read_heads(self.heads, encoded, lengths=lengths)


def build_self_mm(config: SelfMmConfig, inputs: ModelInputs) -> SelfMm:
    """Return Self-MM with one head for each task of the objective."""
    widths = inputs.widths
    recalibration = Recalibration(widths) if config.recalibration == "sugrm" else NoRecalibration()
    encoder, encoded_widths = _encoder(config, widths)
    return SelfMm(
        inputs.text_encoder,
        recalibration=recalibration,
        encoder=encoder,
        heads=_heads(config, inputs.tasks, encoded=encoded_widths),
    )


def _encoder(config: SelfMmConfig, widths: Widths) -> tuple[nn.Module, Widths]:
    """Return the encoder and the width of each vector that it makes."""
    options = config.encoder
    if not isinstance(options, SubNetworksConfig):
        shared = build_encoder(options, widths, width=config.encoder_width)
        return shared, dict.fromkeys(Modality, shared.out_width)
    audio = SubNetwork(
        widths[Modality.AUDIO],
        hidden=options.audio_hidden,
        out_width=options.audio_out,
        dropout=options.audio_dropout,
    )
    vision = SubNetwork(
        widths[Modality.VISION],
        hidden=options.vision_hidden,
        out_width=options.vision_out,
        dropout=options.vision_dropout,
    )
    own = SubNetworks(widths[Modality.TEXT], audio=audio, vision=vision)
    return own, own.out_widths


def _heads(
    config: SelfMmConfig, tasks: tuple[Task, ...], *, encoded: Widths
) -> dict[Task, nn.Module]:
    joined = sum(encoded[m] for m in Modality)
    text, audio, vision = (encoded[m] for m in Modality)
    sizes = {
        Task.MULTIMODAL: (joined, config.fusion_width, config.fusion_dropout),
        Task.TEXT: (text, config.text_width, config.text_dropout),
        Task.AUDIO: (audio, config.audio_width, config.audio_dropout),
        Task.VISION: (vision, config.vision_width, config.vision_dropout),
    }
    heads: dict[Task, nn.Module] = {}
    for task in tasks:
        in_width, width, dropout = sizes[task]
        heads[task] = ThreeLayerHead(in_width, width, dropout=dropout)
    return heads
