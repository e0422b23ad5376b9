"""TFN, the tensor fusion network: one embedding per stream, and their outer product.

z = [z_l; 1] x [z_v; 1] x [z_a; 1], then two layers of ReLU units and a sigmoid scaled to the range
of the labels, [-3, 3] in the paper.
Without a stream its factor is [1], as in the paper's unimodal and bimodal networks.

Source: Zadeh et al., EMNLP 2017, Section 4; subnetworks and fusion stand in
``sugrm.modules.embedding_subnetworks`` and ``sugrm.modules.tensor_fusion``. Published on features
aligned to the words alone, so it takes aligned input. Departures besides those of the subnetworks:
the text encoder's states in place of GloVe; no batch normalisation of the means of audio and
vision, which MMSA's version (thuiar/MMSA, models/singleTask/TFN.py) adds. An absent stream has
z = 0: its factor [0; 1] leaves the products of the others.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from sugrm.config.models import TfnConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.models.streams import STREAM_ENCODERS
from sugrm.modules.embedding_subnetworks import FrameEmbedding, LanguageEmbedding
from sugrm.modules.tensor_fusion import fused_width, tensor_fusion
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput

_ORDER = (Modality.TEXT, Modality.VISION, Modality.AUDIO)


class ScaledSigmoid(nn.Module):
    """A sigmoid over the range of the labels, from -bound to bound."""

    def __init__(self, bound: float) -> None:
        super().__init__()
        self.bound = bound

    def forward(self, value: Tensor) -> Tensor:
        """Return values of the given shape within the bounds."""
        return self.bound * (2 * value.sigmoid() - 1)


OUTPUTS: Mapping[str, Callable[[float], nn.Module]] = {
    "sigmoid": ScaledSigmoid,
    "linear": lambda bound: nn.Identity(),
}
"""Name -> (largest absolute label) -> what maps the last layer's output to the sentiment."""


class Tfn(nn.Module):
    """Predict the sentiment from the tensor of all streams.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        embeddings: stream -> its embedding subnetwork.
        fused: width of the fusion tensor.
        width: width of the two layers after the fusion.
        fusion_dropout: dropout probability on the fusion tensor.
        output: module that maps the last layer's output to the sentiment.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        *,
        embeddings: Mapping[Modality, nn.Module],
        fused: int,
        width: int,
        fusion_dropout: float,
        output: nn.Module,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.streams = tuple(m for m in _ORDER if m in embeddings)
        for m in self.streams:
            self.add_module(STREAM_ENCODERS[m], embeddings[m])
        self.inference = nn.Sequential(
            nn.Dropout(fusion_dropout),
            nn.Linear(fused, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
        )
        self.out = nn.Sequential(nn.Linear(width, 1), output)

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B] and the last hidden layer [B, width]."""
        sequences = read_sequences(batch, self.text_encoder, streams=self.streams)
        lengths = read_lengths(batch, sequences, true=True)
        embeddings = [
            self.get_submodule(STREAM_ENCODERS[m])(sequences[m], lengths[m]) for m in self.streams
        ]
        # Products of three numbers outgrow half precision.
        with torch.autocast(batch.audio.device.type, enabled=False):
            hidden = self.inference(tensor_fusion([z.float() for z in embeddings]))
            return multimodal_output(hidden, self.out(hidden).squeeze(-1))


def build_tfn(config: TfnConfig, inputs: ModelInputs) -> Tfn:
    """Return TFN."""
    widths = {
        Modality.TEXT: config.text_width,
        Modality.AUDIO: config.audio_width,
        Modality.VISION: config.vision_width,
    }
    return Tfn(
        inputs.text_encoder,
        embeddings={
            m: LanguageEmbedding(inputs.widths[m], widths[m])
            if m is Modality.TEXT
            else FrameEmbedding(inputs.widths[m], widths[m], dropout=config.dropout)
            for m in config.modalities
        },
        fused=fused_width([widths[m] for m in config.modalities]),
        width=config.width,
        fusion_dropout=config.fusion_dropout,
        output=OUTPUTS[config.output](inputs.label_bound),
    )
