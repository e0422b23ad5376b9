"""Summary statistics of a corpus."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sugrm.argument_checks import CORPUS, check_type
from sugrm.data.corpus import Corpus, Utterances
from sugrm.types import Modality, Split

LABEL_BINS = 7
"""Values whose neighbours are counted: -3 to 3 for MOSI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSummary:
    """One stream of a split.

    Attributes:
        modality: the stream.
        width: D, the width of its features; None for text without features.
        unit: unit of its lengths: tokens, frames or words.
        shortest: least length of the utterances in which the stream is present; 0 without any.
        median: median length of these utterances.
        longest: largest length of these utterances.
        absent: number of utterances without the stream.
        repaired: number of values that were NaN or infinite and are now 0.
        padding: side on which the file pads it: ``back``, ``front``, ``none``; empty where the file
            pads nothing, and where every utterance lacks the stream.
    """

    modality: Modality
    width: int | None
    unit: str
    shortest: int
    median: float
    longest: int
    absent: int
    repaired: int
    padding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSummary:
    """One split.

    Attributes:
        split: the split.
        utterances: their number.
        label_mean: mean of the human labels; NaN, as the next two, where no utterance has one.
        label_lowest: the lowest one.
        label_highest: the highest one.
        label_counts: number of labels nearest to each of seven values from -bound to bound.
        streams: text, audio and vision.
    """

    split: Split
    utterances: int
    label_mean: float
    label_lowest: float
    label_highest: float
    label_counts: tuple[int, ...]
    streams: tuple[StreamSummary, ...]


def describe(corpus: Corpus) -> list[SplitSummary]:
    """Return a row for each split of ``corpus``.

    Raises:
        ArgumentError: it is no corpus.
    """
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    return [
        _split(corpus, split, utterances=utterances) for split, utterances in corpus.splits.items()
    ]


def _split(corpus: Corpus, split: Split, *, utterances: Utterances) -> SplitSummary:
    given = utterances.labels[np.isfinite(utterances.labels)]
    labels = given if len(given) else np.full(1, np.nan, np.float32)
    return SplitSummary(
        split=split,
        utterances=len(utterances),
        label_mean=float(labels.mean(dtype=np.float64)),
        label_lowest=float(labels.min()),
        label_highest=float(labels.max()),
        label_counts=_counts(given, corpus.dataset.label_bound),
        streams=tuple(_stream(corpus, split, modality=modality) for modality in Modality),
    )


def _counts(labels: npt.NDArray[np.float32], bound: float) -> tuple[int, ...]:
    half = LABEL_BINS // 2
    nearest = np.rint(labels.astype(np.float64) / bound * half).astype(np.int64) + half
    counts = np.bincount(np.clip(nearest, 0, LABEL_BINS - 1), minlength=LABEL_BINS)
    return tuple(map(int, counts))


def _stream(corpus: Corpus, split: Split, *, modality: Modality) -> StreamSummary:
    unit, lengths = _lengths(corpus.splits[split], modality)
    present = lengths[lengths > 0]
    side = corpus.notes.sides.get(split, {}).get(modality, "") if len(present) else ""
    present = present if len(present) else np.zeros(1, np.int64)
    widths: dict[Modality, int | None] = {
        Modality.TEXT: corpus.text_width,
        Modality.AUDIO: corpus.audio_width,
        Modality.VISION: corpus.vision_width,
    }
    return StreamSummary(
        modality=modality,
        width=None if modality in corpus.notes.absent else widths[modality],
        unit=unit,
        shortest=int(present.min()),
        median=float(np.median(present)),
        longest=int(present.max()),
        absent=int((lengths == 0).sum()),
        repaired=corpus.notes.repaired[split].get(modality, 0),
        padding=side,
    )


def _lengths(utterances: Utterances, modality: Modality) -> tuple[str, npt.NDArray[np.int64]]:
    content = utterances.content
    if modality in content.streams:
        return "frames", content.streams[modality].lengths
    if content.token_ids is not None:
        return "tokens", content.token_ids.lengths
    words = content.words or [text.split() for text in content.raw_text]
    return "words", np.array([len(each) for each in words], dtype=np.int64)
