"""MAG-BERT: a BERT whose states are shifted by audio and vision, and its pooled first token.

Source: Rahman et al. 2020 (ACL) and the released ``bert.py``: the gate (``gating.py``)
lies between the embeddings and the first layer, the pooled state of [CLS] goes through dropout
and a linear layer, and new weights are drawn as BERT's own are, N(0, 0.02) with biases of 0.
Frames belong to word pieces; those of [CLS] and [SEP] are 0 in the files.

Departures: any BERT-family encoder, at any layer. The pooler is newly drawn, not the pretrained
one, which several of the encoders lack. For absent streams see ``gating.py``.
"""

from torch import nn
from torch.amp import autocast

from sugrm.config.models import MagBertConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths
from sugrm.modules.gating import MultimodalAdaptationGate, NoGate
from sugrm.modules.heads import PooledHead
from sugrm.modules.injection import changed_states, open_layers
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Batch, Modality, ModelOutput

_INITIAL_SPREAD = 0.02


class MagBert(nn.Module):
    """Predict the sentiment from text that audio and vision shift.

    Args:
        text_encoder: the encoder whose states the gate shifts.
        gate: shifts the states.
        layer: number of the layer before which the gate is inserted, from 0.
        output_dropout: dropout probability before the output layer.

    Raises:
        EncoderError: the encoder has no such layer, or it cannot be changed there.
    """

    def __init__(
        self,
        text_encoder: TextEncoder,
        gate: MultimodalAdaptationGate | NoGate,
        *,
        layer: int,
        output_dropout: float,
    ) -> None:
        super().__init__()
        open_layers(text_encoder, layer)
        self.text_encoder = text_encoder
        self.layer = layer
        self.gate = gate
        self.head = PooledHead(text_encoder.width, dropout=output_dropout)
        self.gate.apply(_draw_as_bert)
        self.head.apply(_draw_as_bert)

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B] and the pooled state [B, D] of the first token.

        Raises:
            ValueError: the batch has no token ids.
        """
        if batch.token_ids is None:
            raise ValueError("a batch for MAG-BERT needs token_ids; got None")
        frames = {Modality.AUDIO: batch.audio, Modality.VISION: batch.vision}
        lengths = read_lengths(batch, {Modality.TEXT: batch.token_ids, **frames}, true=True)
        with changed_states(self.layer, lambda states: self.gate(states, frames, lengths)):
            states = self.text_encoder.states(
                batch.token_ids, batch.segment_ids, lengths=lengths[Modality.TEXT].clamp(min=1)
            )
        with autocast(states.device.type, enabled=False):
            return multimodal_output(*self.head(states.float()))


def build_mag_bert(config: MagBertConfig, inputs: ModelInputs) -> MagBert:
    """Return MAG-BERT.

    Raises:
        EncoderError: see ``MagBert``.
        ValueError: there is no text encoder.
    """
    encoder = inputs.text_encoder
    if encoder is None:
        raise ValueError("MAG-BERT works inside a text encoder; got inputs without one")
    widths: dict[Modality, int] = {
        m: inputs.widths[m] for m in config.streams if m is not Modality.TEXT
    }
    gate: MultimodalAdaptationGate | NoGate = NoGate()
    if widths:
        gate = MultimodalAdaptationGate(
            encoder.width, widths, beta=config.beta, dropout=config.gate_dropout
        )
    return MagBert(encoder, gate, layer=config.layer, output_dropout=config.output_dropout)


def _draw_as_bert(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=_INITIAL_SPREAD)
        nn.init.zeros_(module.bias)
