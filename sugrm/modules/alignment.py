"""CTC alignment: give an unaligned stream one frame for each token of the text.

A two-layer LSTM scores, for every frame, which place of the text it belongs to, or none (the
blank). Place k of the aligned stream is the sum of all frames weighted by their probability of k.
The CTC loss (``sugrm.objectives.auxiliary``) asks that the places are found in order.

Source: Graves et al., ICML 2006, in the pairing of Tsai et al., ACL 2019 (MulT), Section 4.2,
with which EF-LSTM, RAVEN and MCTN take unaligned input in Table 2 of Hwang & Kim 2023.
Departures: with true lengths, padding frames belong to no place and places past the utterance's
own tokens stay zero; one optimiser trains it with the rest, where the authors give it its own.
"""

import torch
from torch import Tensor, nn

from sugrm.modules.lstm import LSTM
from sugrm.modules.positions import real_frames
from sugrm.modules.shrinking_lstm import real_states
from sugrm.types import AlignmentScores

_LAYERS = 2


class CtcAlignment(nn.Module):
    """Align one stream with the text.

    Args:
        in_width: D, the width of the frames.
        places: K, the most tokens of an utterance, at least 1.
    """

    def __init__(self, in_width: int, places: int) -> None:
        super().__init__()
        self.scores = LSTM(in_width, places + 1, _LAYERS, batch_first=True)

    def forward(
        self, sequence: Tensor, lengths: Tensor, place_lengths: Tensor, *, steps: int
    ) -> tuple[Tensor, Tensor, AlignmentScores]:
        """Return the aligned stream, its lengths and the scores for the CTC loss.

        Args:
            sequence: [B, T, D] frames.
            lengths: [B] int64 number of real frames; 0 marks an absent stream.
            place_lengths: [B] int64 number of tokens of each utterance, at most K.
            steps: number of tokens to which the text is padded in this batch, at most K.

        Returns:
            [B, steps, D] frames, [B] lengths (0 where the stream is absent), and the scores.
        """
        scores = real_states(self.scores, sequence, lengths=lengths)
        log_probabilities = scores.float().log_softmax(-1)
        there = real_frames(lengths, sequence.shape[1])[..., None]
        weights = torch.where(there, log_probabilities.exp(), 0.0)[..., 1 : steps + 1]
        aligned = weights.transpose(1, 2).to(sequence.dtype) @ sequence
        kept = real_frames(place_lengths, steps)[..., None]
        own = torch.where(lengths > 0, place_lengths, 0)
        found = AlignmentScores(
            log_probabilities=log_probabilities, frame_lengths=lengths, place_lengths=place_lengths
        )
        return torch.where(kept, aligned, 0.0), own, found
