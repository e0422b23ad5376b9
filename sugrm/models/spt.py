"""SPT: the sparse phased transformer as a system of its own.

Source: Cheng et al., EMNLP 2021, in its released code (chengjunyan1/SP-Transformer): the streams go
into the encoder as they are, without a projection before; the last hidden steps are joined, and
MulT's residual block reads them. Departures: the text encoder's states or any text features in
place of GloVe vectors; an absent stream gives a zero vector; for those of the encoder see
``sparse_phased``.
"""

import torch
from torch import Tensor, nn

from sugrm.config.models import SptModelConfig
from sugrm.models.build import build_encoder
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.modules.heads import ResidualHead
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput


class Spt(nn.Module):
    """Predict the sentiment from the last hidden steps of the streams.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        streams: the streams that the system reads.
        encoder: turns each stream into one vector.
        head: reads the joined vectors.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        *,
        streams: tuple[Modality, ...],
        encoder: nn.Module,
        head: ResidualHead,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.streams = streams
        self.encoder = encoder
        self.head = head

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B] and the residual block's output [B, streams x width]."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = read_lengths(batch, sequences, true=True)
        encoded: dict[Modality, Tensor] = self.encoder(sequences, lengths)
        vectors = [encoded[m] * (lengths[m] > 0)[:, None] for m in self.streams]
        joined = torch.cat(vectors, dim=-1)
        with torch.autocast(joined.device.type, enabled=False):
            return multimodal_output(*self.head(joined.float()))


def build_spt(config: SptModelConfig, inputs: ModelInputs) -> Spt:
    """Return SPT on the modalities of the options."""
    widths = {m: inputs.widths[m] for m in config.modalities}
    return Spt(
        inputs.text_encoder,
        streams=config.modalities,
        encoder=build_encoder(config.encoder, widths, width=config.width),
        head=ResidualHead(len(widths) * config.width, dropout=config.output_dropout),
    )
