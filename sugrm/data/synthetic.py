"""A seeded corpus whose unimodal sentiments are known.

Each utterance has a mood, and each modality a sentiment of its own in [-3, 3] about that mood:

- text: the mean strength of the sentence's opinion words (``lexicon.sentence_sentiment``);
- audio and vision: the level and the slope over time of their channels, under noise.

The human label is ``multimodal_label`` of the three: their weighted mean on MOSI's grid of 0.2.
At least two training utterances are labelled +3 and two -3. In each split about one utterance in
32, and at least one, has no audio, and as many others no vision; their label and their true
sentiments do not change, only the frames are missing. In an aligned corpus audio and vision
have a frame for each word and for the encoder's two special tokens around the sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sugrm.config.sections.data import SyntheticConfig
from sugrm.data.cache.content import Alignment, CorpusContent, SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.lexicon import FILLING, NEGATION, OPINIONS, sentence_sentiment
from sugrm.errors import DataError
from sugrm.types import Modality, Split

GENERATOR_VERSION = 2
"""Raised by hand when the same configuration gives another corpus; part of the fingerprint."""

BOUND = 3.0
"""Labels and sentiments lie in [-BOUND, BOUND]."""

WEIGHTS: Mapping[Modality, float] = {
    Modality.TEXT: 0.5,
    Modality.AUDIO: 0.3,
    Modality.VISION: 0.2,
}
"""Share of each modality's sentiment in the human label."""

MOST_VALUES = 5_000_000_000
"""Most tokens and padded frame values of all utterances together: 20 GB. MOSEI has 1.1e9."""

Floats = npt.NDArray[np.float32]

_MARKS = 2  # a text encoder adds one token before the sentence and one after
_EXTREMES = (3.0, 3.0, -3.0, -3.0)
_ABSENT_SHARE = 32
_OWN_SPREAD = {Modality.TEXT: 0.6, Modality.AUDIO: 1.0, Modality.VISION: 1.0}
_FRAME_NOISE = 0.5
_NEGATED_SHARE = 0.15
_FEWEST_OPINIONS = 3  # of a sentence, however short
_WORDS_AN_OPINION = 3  # its own and the filling around it, on average


def multimodal_label(sentiments: Mapping[Modality, Floats]) -> Floats:
    """Return [N] the weighted mean of the sentiments, rounded to the grid of 0.2."""
    shares = [WEIGHTS[modality] * sentiments[modality].astype(np.float64) for modality in Modality]
    label: Floats = np.clip(np.rint(np.sum(shares, axis=0) * 5) / 5, -3, 3).astype(np.float32)
    return label


@dataclass(frozen=True, slots=True, eq=False)
class _StreamPattern:
    """The frames of a sentiment in one stream.

    Attributes:
        level: [D] level of each channel for sentiment 1.
        slope: [D] slope over time of each channel for sentiment 1.
    """

    level: Floats
    slope: Floats

    @classmethod
    def draw(cls, random: np.random.Generator, width: int) -> "_StreamPattern":
        signs = random.choice([-1.0, 1.0], size=(2, width))
        shows_level = np.arange(width) % 2 == 0  # every other channel rises or falls instead
        level, slope = signs * np.stack([shows_level, ~shows_level]) * 0.4
        return cls(level.astype(np.float32), slope.astype(np.float32))

    def frames(self, random: np.random.Generator, sentiment: float, *, steps: int) -> Floats:
        """Return [T, D] frames that show ``sentiment``."""
        time = np.linspace(-1, 1, steps)[:, None]
        noise = random.normal(0, _FRAME_NOISE, (steps, len(self.level)))
        return (sentiment * (self.level + time * self.slope) + noise).astype(np.float32)


def make_synthetic(
    config: SyntheticConfig, alignment: Alignment, *, fingerprint: str
) -> CorpusContent:
    """Return the corpus of ``config``: the same configuration gives the same numbers.

    Raises:
        DataError: the corpus would hold more than ``MOST_VALUES``.
    """
    _check_size(config)
    random = np.random.default_rng(config.seed)
    patterns = {
        Modality.AUDIO: _StreamPattern.draw(random, config.audio_width),
        Modality.VISION: _StreamPattern.draw(random, config.vision_width),
    }
    aligned = alignment == "aligned"
    return CorpusContent(
        name="synthetic",
        alignment=alignment,
        fingerprint=fingerprint,
        padded_lengths={
            Modality.TEXT: config.text_length,
            Modality.AUDIO: config.text_length if aligned else config.audio_length,
            Modality.VISION: config.text_length if aligned else config.vision_length,
        },
        splits={
            split: _split(random, config, split=split, patterns=patterns, aligned=aligned)
            for split in Split
        },
        repaired={split: {} for split in Split},
    )


def _check_size(config: SyntheticConfig) -> None:
    """Raise an error for sizes that are too large, before any memory is allocated."""
    audio = config.audio_length * config.audio_width
    vision = config.vision_length * config.vision_width
    utterances = config.train + config.valid + config.test
    values = utterances * (config.text_length + audio + vision)
    if values > MOST_VALUES:
        raise DataError(
            f"the synthetic data would hold {min(values, 10**99):.1e} values; expected at most "
            f"{MOST_VALUES:.1e}, four times MOSEI's; lower its utterances, lengths or widths"
        )


def _split(
    random: np.random.Generator,
    config: SyntheticConfig,
    *,
    split: Split,
    patterns: Mapping[Modality, _StreamPattern],
    aligned: bool,
) -> SplitContent:
    number: int = getattr(config, split)
    targets = _targets(random, number, extremes=split is Split.TRAIN)
    longest = config.text_length - _MARKS
    sentences = [_sentence(random, target, longest=longest) for target in targets[Modality.TEXT]]
    text = np.array([sentence_sentiment(sentence) for sentence in sentences], np.float32)
    sentiments = {**targets, Modality.TEXT: text}
    words = np.array([len(sentence.split()) for sentence in sentences])
    most = {Modality.AUDIO: config.audio_length, Modality.VISION: config.vision_length}
    steps = {
        modality: words + _MARKS if aligned else _lengths(random, number, most=most[modality])
        for modality in patterns
    }
    _hide(random, steps)
    return SplitContent(
        ids=[f"{split}$_${row}" for row in range(number)],
        raw_text=sentences,
        labels=multimodal_label(sentiments),
        streams={
            modality: Ragged.pack(
                [
                    pattern.frames(random, sentiment, steps=length)
                    for sentiment, length in zip(sentiments[modality], steps[modality], strict=True)
                ],
                len(pattern.level),
            )
            for modality, pattern in patterns.items()
        },
        true_sentiments=sentiments,
    )


def _targets(random: np.random.Generator, number: int, *, extremes: bool) -> dict[Modality, Floats]:
    """Return [N] sentiments of each modality, the first ones extreme where asked."""
    mood = random.uniform(-2.6, 2.6, number)
    targets: dict[Modality, Floats] = {}
    for modality, spread in _OWN_SPREAD.items():
        own = np.clip(mood + random.normal(0, spread, number), -3, 3)
        if extremes:
            own[: len(_EXTREMES)] = _EXTREMES
        targets[modality] = own.astype(np.float32)
    return targets


def _sentence(random: np.random.Generator, target: float, *, longest: int) -> str:
    """Return at most ``longest`` words with a sentiment near ``target``; exact for -3 and 3."""
    words: list[str] = []
    most = max(_FEWEST_OPINIONS, longest // _WORDS_AN_OPINION - 1)
    for _ in range(random.integers(1, most, endpoint=True)):
        noise = 0.0 if abs(target) == 3 else random.normal(0, 0.4)
        strength = int(np.clip(np.rint(target + noise), -3, 3))
        words += random.choice(FILLING, size=random.integers(0, 4)).tolist()
        if random.random() < _NEGATED_SHARE:
            words += [NEGATION, str(random.choice(OPINIONS[-strength]))]
        else:
            words.append(str(random.choice(OPINIONS[strength])))
        if len(words) > longest - 5:  # the next round may bring three filling words and two more
            break
    return " ".join(words)


def _lengths(random: np.random.Generator, number: int, *, most: int) -> npt.NDArray[np.int64]:
    return random.integers(max(2, most // 3), most, size=number, endpoint=True)


def _hide(random: np.random.Generator, steps: Mapping[Modality, npt.NDArray[np.int64]]) -> None:
    """Remove the audio of a few utterances, and the vision of as many others."""
    (number,) = steps[Modality.AUDIO].shape
    share = max(1, number // _ABSENT_SHARE)
    hidden = random.permutation(number)
    steps[Modality.AUDIO][hidden[:share]] = 0
    steps[Modality.VISION][hidden[share : 2 * share]] = 0
