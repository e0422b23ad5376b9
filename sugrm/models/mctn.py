"""MCTN: the sentiment of a joint representation that reads the text alone.

Source: Pham et al., "Found in Translation: Learning Robust Joint Representations by Cyclic
Translations Between Modalities", AAAI 2019, with the layers and sizes of its released code
(hainow/MCTN). The joint representation is `sugrm.modules.joint_translation`; over it, as in the
code's ``regression_model.py``,

    h = LSTM(E),  a = softmax over t of tanh(w h_t + b),  y^ = W (sum over t of a_t h_t) + c

and the training loss is L_p + lambda_t L_t + lambda_c L_c, for two targets with that of the second
translation ("Coupled Translation-Prediction Objective"); L_p is the sentiment's, the others are
mean squared errors (`sugrm.objectives.auxiliary`). Audio and vision are targets: they are read in
training alone, and no prediction depends on them.

Departures:
- The text encoder's states stand in place of GloVe vectors.
- The code fills all modalities up to one width and counts the zeros in the losses; here a loss is
  the mean over the features that there are, whatever the width of the text.
- Early stopping watches the loss of the sentiment, where the code's includes the translations'.
- Padding is no step of a loss, of an attention or of an LSTM. A target that is absent has no
  translation to it or back from it; without a token the joint representation is 0.
- Unaligned targets go through CTC alignment (Table 2 of Hwang & Kim 2023). They are then the
  targets of the translations; a loss of these could make the targets easy (all blank), so only the
  CTC loss trains the alignment.
"""

import torch
from torch import Tensor, nn

from sugrm.config.models import MctnConfig
from sugrm.models.inputs import (
    ModelInputs,
    Sequences,
    multimodal_output,
    read_lengths,
    read_sequences,
)
from sugrm.modules.joint_translation import JointTranslation, Translations
from sugrm.modules.lstm import LSTM
from sugrm.modules.shrinking_lstm import real_states
from sugrm.modules.text_encoder import TextEncoder
from sugrm.modules.translation import attend
from sugrm.types import Batch, Modality, ModelOutput


class SentimentReader(nn.Module):
    """Read one vector from the joint representation: an LSTM and attention over its states.

    Args:
        in_width: D, the width of the joint representation.
        width: D, the width of the LSTM's state.
    """

    def __init__(self, in_width: int, width: int) -> None:
        super().__init__()
        self.lstm = LSTM(in_width, width, batch_first=True)
        self.score = nn.Linear(width, 1)

    def forward(self, joint: Tensor, lengths: Tensor) -> Tensor:
        """Return [B, width] from [B, T, D] and [B] int64 real steps; 0 without any."""
        states = real_states(self.lstm, joint, lengths=lengths)
        read: Tensor = attend(self.score(states).tanh().squeeze(-1), states, lengths=lengths)
        return read.masked_fill((lengths == 0)[:, None], 0.0)


class MctnEncoder(nn.Module):
    """Every module with weights except the output layer, which alone has the authors' weight decay.

    Args:
        translation: makes the joint representation from the text.
        reader: makes one vector from the joint representation.
    """

    def __init__(self, translation: JointTranslation, reader: SentimentReader) -> None:
        super().__init__()
        self.translation = translation
        self.reader = reader

    def forward(self, sequences: Sequences, lengths: Sequences) -> tuple[Tensor, Translations]:
        """Return [B, width] read from the text and, in training, its translations."""
        words = lengths[Modality.TEXT]
        levels = self.translation(sequences[Modality.TEXT], words)
        read = self.reader(levels[-1], words)
        if not self.training:  # the targets may be absent; nothing reads them
            return read, Translations()
        return read, self.translation.translations(levels, sequences, lengths=lengths)


class Mctn(nn.Module):
    """Predict the sentiment from the text; in training also translate it.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        encoder: makes one vector from the text.
        width: D, the width of that vector.
    """

    def __init__(
        self, text_encoder: TextEncoder | None, encoder: MctnEncoder, *, width: int
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.encoder = encoder
        self.out = nn.Linear(width, 1)

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B], its features [B, width] and, in training, all translations."""
        encoded = read_sequences(batch, self.text_encoder)
        lengths = read_lengths(batch, encoded, true=True)
        with torch.autocast(batch.audio.device.type, enabled=False):  # narrow recurrences
            sequences = {m: sequence.float() for m, sequence in encoded.items()}
            read, found = self.encoder(sequences, lengths)
            return multimodal_output(
                read,
                self.out(read).squeeze(-1),
                alignments=found.alignments,
                translations=found.translations,
            )


def build_mctn(config: MctnConfig, inputs: ModelInputs) -> Mctn:
    """Return MCTN."""
    translation = JointTranslation(
        {m: inputs.widths[m] for m in config.modalities},
        width=config.width,
        alignment=inputs.alignment,
        places=inputs.text_steps,
    )
    encoder = MctnEncoder(translation, SentimentReader(config.width, config.head_width))
    return Mctn(inputs.text_encoder, encoder, width=config.head_width)
