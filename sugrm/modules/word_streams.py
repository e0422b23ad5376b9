"""One frame of each stream for each token, from aligned or from unaligned input.

Aligned input has its frame already; unaligned input goes through `sugrm.modules.alignment`, whose
scores go out for the CTC loss. Either way a stream comes out with the steps of the text and with
the text's lengths, or with length 0 where it is absent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.alignment import CtcAlignment
from sugrm.modules.positions import real_frames
from sugrm.types import AlignmentScores, Modality


class GivenAlignment(nn.Module):
    """Pass on a stream that is aligned already; the counterpart of `CtcAlignment`."""

    def forward(
        self, sequence: Tensor, lengths: Tensor, place_lengths: Tensor, *, steps: int
    ) -> tuple[Tensor, Tensor, None]:
        """Return the stream at the steps of the text, its lengths and no scores.

        Args:
            sequence: [B, T, D] frames.
            lengths: [B] int64 number of real frames; 0 marks an absent stream.
            place_lengths: [B] int64 number of tokens of each utterance.
            steps: number of tokens to which the text is padded in this batch.

        Returns:
            [B, steps, D] frames, [B] lengths, None.
        """
        # A stream is padded to its own longest sequence, which an absent one may make shorter.
        fitted = F.pad(sequence, (0, 0, 0, steps - sequence.shape[1]))
        return fitted, lengths.minimum(place_lengths), None


ALIGNMENTS: Mapping[str, Callable[[int, int], nn.Module]] = {
    "aligned": lambda width, places: GivenAlignment(),
    "unaligned": CtcAlignment,
}
"""Alignment of a corpus -> (D of a stream, most tokens) -> what aligns the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFrames:
    """Streams with one frame for each token of the text.

    Attributes:
        frames: stream -> [B, T, D] frames, 0 where there is no real frame.
        real: stream -> [B, T] bool, True where the frame is real.
        lengths: stream -> [B] int64 lengths, those of the text, or 0 where the stream is absent.
        scores: CTC scores of the streams that were aligned here.
    """

    frames: Mapping[Modality, Tensor]
    real: Mapping[Modality, Tensor]
    lengths: Mapping[Modality, Tensor]
    scores: tuple[AlignmentScores, ...]


class WordStreams(nn.Module):
    """Give each stream one frame for each token of the text.

    Args:
        widths: stream -> D, the width of its frames, for each stream but the text.
        alignment: alignment of the corpus, a key of ``ALIGNMENTS``.
        places: the most tokens of an utterance, at least 1.
    """

    def __init__(self, widths: Mapping[Modality, int], *, alignment: str, places: int) -> None:
        super().__init__()
        align = ALIGNMENTS[alignment]
        self.streams = nn.ModuleDict({m: align(width, places) for m, width in widths.items()})

    def forward(
        self, sequences: Mapping[Modality, Tensor], lengths: Mapping[Modality, Tensor]
    ) -> WordFrames:
        """Return the streams with one frame for each token of the text.

        Args:
            sequences: stream -> [B, T, D] sequence of the text and of each stream; T may differ
                between streams.
            lengths: stream -> [B] int64 number of real steps.
        """
        steps, words = sequences[Modality.TEXT].shape[1], lengths[Modality.TEXT]
        frames, real, own, found = {}, {}, {}, []
        for name, align in self.streams.items():
            m = Modality(name)
            fitted, own[m], scores = align(sequences[m], lengths[m], words, steps=steps)
            real[m] = real_frames(own[m], steps)
            frames[m] = fitted.masked_fill(~real[m][..., None], 0.0)
            found.append(scores)
        return WordFrames(
            frames=frames, real=real, lengths=own, scores=tuple(s for s in found if s is not None)
        )
