"""MCTN's joint representation, learnt by translating the text to vision and audio and back.

Source: Pham et al., AAAI 2019. "Multimodal Cyclic Translation Network", with source S, target T:

    E_ST = f_e(X_S),  X^_T = f_d(E_ST)      forward translation
    E_TS = f_e(X^_T), X^_S = f_d(E_TS)      backward, the cycle: the same f_e and f_d

"Hierarchical MCTN for Three Modalities": a second encoder and decoder translate E_ST to the second
target, without a cycle, because the source of that translation is not data. The states of the last
encoder are the joint representation. As in the released code f_e and f_d serve both directions by
the width of the wider modality: the narrower one is filled up with zeros. Departures are listed in
`sugrm.models.mctn`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from sugrm.modules.peak_scale import PeakScale
from sugrm.modules.translation import AttentionDecoder, TwoWayLstm
from sugrm.modules.word_streams import WordFrames, WordStreams
from sugrm.types import AlignmentScores, Modality, Translation

_NAMES = ("forward", "second_level")  # of the objective's weights, by level


@dataclass(frozen=True, slots=True)
class Translations:
    """The inputs of the translation and CTC losses.

    Attributes:
        translations: the forward translation, that of the second level where there is one, and the
            backward translation.
        alignments: CTC scores of the unaligned targets.
    """

    translations: tuple[Translation, ...] = ()
    alignments: tuple[AlignmentScores, ...] = ()


class JointTranslation(nn.Module):
    """Encode the text into a representation that can be translated to the other modalities.

    Args:
        widths: stream -> D, the width of its frames: the text, then one or two targets in order.
        width: D, the width of the joint representation.
        alignment: alignment of the corpus: ``aligned`` or ``unaligned``.
        places: the most tokens of an utterance, at least 1.
    """

    def __init__(
        self, widths: Mapping[Modality, int], *, width: int, alignment: str, places: int
    ) -> None:
        super().__init__()
        (_, *targets), sizes = widths, list(widths.values())
        self.targets: tuple[Modality, ...] = tuple(targets)
        self.widths = dict(widths)
        self.shared_width = max(sizes[:2])
        ends = [self.shared_width, *([width] * len(targets))]
        outs = [self.shared_width, *sizes[2:]]
        self.encoders = nn.ModuleList([TwoWayLstm(a, b) for a, b in pairwise(ends)])
        self.decoders = nn.ModuleList([AttentionDecoder(width, out) for out in outs])
        target_widths = {m: widths[m] for m in targets}
        self.words = WordStreams(target_widths, alignment=alignment, places=places)
        self.scales = nn.ModuleDict({m: PeakScale(d) for m, d in target_widths.items()})

    def forward(self, text: Tensor, lengths: Tensor) -> list[Tensor]:
        """Return the states [B, T, width] of each level, the joint representation last.

        Args:
            text: [B, T, D] text features.
            lengths: [B] int64 number of real tokens.
        """
        states, levels = self._filled(text), []
        for encoder in self.encoders:
            states = encoder(states, lengths)
            levels.append(states)
        return levels

    def translations(
        self,
        levels: list[Tensor],
        sequences: Mapping[Modality, Tensor],
        *,
        lengths: Mapping[Modality, Tensor],
    ) -> Translations:
        """Return the translations to the targets and back, and the scores of the alignments.

        No gradient passes into the targets, because the model could make them easy to translate
        to.

        Args:
            levels: the states [B, T, width] of each level, as ``forward`` returns them.
            sequences: stream -> [B, T, D] sequence of the text and of each target; T may differ
                between streams.
            lengths: stream -> [B] int64 number of real steps; an absent target (0) is left out of
                its translations.
        """
        words, streams = lengths[Modality.TEXT], self.words(sequences, lengths)
        made = [decode(states, words) for decode, states in zip(self.decoders, levels, strict=True)]
        made[0] = made[0][..., : self.widths[self.targets[0]]]
        found = self._to_targets(made, streams)
        back = Translation(
            name="backward",
            translated=self._back(made[0], words),
            target=sequences[Modality.TEXT].detach(),
            lengths=streams.lengths[self.targets[0]],
        )
        return Translations((*found, back), streams.scores)

    def _to_targets(self, made: list[Tensor], streams: WordFrames) -> list[Translation]:
        return [
            Translation(
                name=name,
                translated=translated,
                target=self.scales[m](streams.frames[m]),
                lengths=streams.lengths[m],
            )
            for name, m, translated in zip(_NAMES, self.targets, made, strict=False)
        ]

    def _back(self, translated: Tensor, words: Tensor) -> Tensor:
        states = self.encoders[0](self._filled(translated), words)
        source: Tensor = self.decoders[0](states, words)
        return source[..., : self.widths[Modality.TEXT]]

    def _filled(self, sequence: Tensor) -> Tensor:
        return F.pad(sequence, (0, self.shared_width - sequence.shape[2]))
