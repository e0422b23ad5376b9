"""RAVEN: words shifted by the nonverbal behaviour that goes with them, then an LSTM.

Source: Wang et al., "Words Can Shift: Dynamically Adjusting Word Representations Using Nonverbal
Behaviors", AAAI 2019, with the layers and sizes of its released code (victorywys/RAVEN). The
parts before the LSTM are `sugrm.modules.word_shift`. Then, over the shifted words e_m of an
utterance,

    h = LSTM_e(e_m(1), ..., e_m(n)),  y^ = W h + b.

Like the authors' code, a nonverbal LSTM restarts at each word and reads the frames within it.
They have up to 20 there; word-aligned features have one, so that the LSTM makes one step and
its recurrent weights never count. ``nonverbal_span: utterance`` lets it run on through the words.

Departures:
- The text encoder's states stand in place of GloVe vectors.
- Where paper and released code differ, the paper: the code's gates have no sigmoid, its scale is
  beta |e| / max(|h_m|, 1), and it detaches the shift, so that nothing nonverbal learns.
- The code's batch norm of the acoustic frames is left out: it takes the batch's own statistics in
  evaluation too, and so a prediction would depend on what else is in the batch.
- Words are true tokens; an utterance without any has h = 0. An absent stream adds nothing to the
  shift vector, as a word without frames adds nothing in the code.
- Unaligned input goes through CTC alignment (Table 2 of Hwang & Kim 2023), trained by the CTC loss
  and the sentiment's.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.config.models import RavenConfig
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.models.streams import STREAM_ENCODERS
from sugrm.modules.lstm import LSTM
from sugrm.modules.shrinking_lstm import last_states
from sugrm.modules.text_encoder import TextEncoder
from sugrm.modules.word_shift import GatedMixing, NonverbalNetwork, shifted
from sugrm.modules.word_streams import WordFrames, WordStreams
from sugrm.types import Batch, Modality, ModelOutput


class Raven(nn.Module):
    """Predict the sentiment from words shifted by the nonverbal behaviour around them.

    Args:
        text_encoder: turns token ids into text features; None where the batch brings features.
        config: the options; ``width`` and ``depth`` of the LSTM over the words, ``shift_bound``
            and the ``dropout`` of the shifted words are read here.
        text_width: D, the width of the text features.
        words: gives each nonverbal stream one frame for each token of the text.
        nonverbal: stream -> its nonverbal sub-network.
        mixing: makes the shift vectors from the states of these sub-networks.
    """

    def __init__(
        self,
        text_encoder: TextEncoder | None,
        config: RavenConfig,
        *,
        text_width: int,
        words: WordStreams,
        nonverbal: Mapping[Modality, NonverbalNetwork],
        mixing: GatedMixing,
    ) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.words = words
        for modality, network in nonverbal.items():
            self.add_module(STREAM_ENCODERS[modality], network)
        self.mixing = mixing
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = LSTM(text_width, config.width, config.depth, batch_first=True)
        self.out = nn.Linear(config.width, 1)
        self.shift_bound = config.shift_bound

    def forward(self, batch: Batch) -> ModelOutput:
        """Return the prediction [B], h [B, width] and the scores of the alignments."""
        sequences = read_sequences(batch, self.text_encoder)
        lengths = read_lengths(batch, sequences, true=True)
        streams: WordFrames = self.words(sequences, lengths)
        moved = self.dropout(self._shifted_words(sequences[Modality.TEXT], streams))
        count = lengths[Modality.TEXT]
        last = last_states(self.encoder, moved, lengths=count)
        last = last.masked_fill((count == 0)[:, None], 0.0)
        with torch.autocast(last.device.type, enabled=False):
            last = last.float()
            return multimodal_output(last, self.out(last).squeeze(-1), alignments=streams.scores)

    def _shifted_words(self, words: Tensor, streams: WordFrames) -> Tensor:
        states = [
            self.get_submodule(STREAM_ENCODERS[m])(frames, streams.real[m])
            for m, frames in streams.frames.items()
        ]
        return shifted(words, self.mixing(states, words), bound=self.shift_bound)


def build_raven(config: RavenConfig, inputs: ModelInputs) -> Raven:
    """Return RAVEN."""
    widths = {m: inputs.widths[m] for m in config.modalities[1:]}  # the text comes first
    text_width = inputs.widths[Modality.TEXT]
    return Raven(
        inputs.text_encoder,
        config,
        text_width=text_width,
        words=WordStreams(widths, alignment=inputs.alignment, places=inputs.text_steps),
        nonverbal={m: _nonverbal(config, width) for m, width in widths.items()},
        mixing=GatedMixing(len(widths), config.nonverbal_width, word_width=text_width),
    )


def _nonverbal(config: RavenConfig, stream_width: int) -> NonverbalNetwork:
    return NonverbalNetwork(
        stream_width,
        frame_width=config.frame_width,
        width=config.nonverbal_width,
        span=config.nonverbal_span,
        dropout=config.dropout,
    )
