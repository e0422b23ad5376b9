"""Summary statistics of a corpus."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sugrm.argument_checks import CORPUS, check_type
from sugrm.data.corpus import Corpus, Utterances
from sugrm.types import Modality, Split


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
    """

    modality: Modality
    width: int | None
    unit: str
    shortest: int
    median: float
    longest: int
    absent: int
    repaired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSummary:
    """One split: its size, its labels and its streams."""

    split: Split
    utterances: int
    label_mean: float
    label_lowest: float
    label_highest: float
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


def id_warnings(corpus: Corpus) -> list[str]:
    """Return a line for each split in which utterances repeat the id of an earlier one.

    Raises:
        ArgumentError: ``corpus`` is no corpus.
    """
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    return [
        f"{corpus.alignment} data, {split}: {len(names)} of {len(corpus.splits[split])} utterances "
        f"repeat the id of an earlier one; they get distinct names, as {names[0]!r}, in ledger and "
        "reports"
        for split, names in corpus.notes.renamed.items()
        if names
    ]


def _split(corpus: Corpus, split: Split, *, utterances: Utterances) -> SplitSummary:
    labels = utterances.labels
    return SplitSummary(
        split=split,
        utterances=len(utterances),
        label_mean=float(labels.mean(dtype=np.float64)),
        label_lowest=float(labels.min()),
        label_highest=float(labels.max()),
        streams=tuple(_stream(corpus, split, modality=modality) for modality in Modality),
    )


def _stream(corpus: Corpus, split: Split, *, modality: Modality) -> StreamSummary:
    unit, lengths = _lengths(corpus.splits[split], modality)
    present = lengths[lengths > 0] if (lengths > 0).any() else np.zeros(1, np.int64)
    widths = {
        Modality.TEXT: corpus.text_width,
        Modality.AUDIO: corpus.audio_width,
        Modality.VISION: corpus.vision_width,
    }
    return StreamSummary(
        modality=modality,
        width=widths[modality],
        unit=unit,
        shortest=int(present.min()),
        median=float(np.median(present)),
        longest=int(present.max()),
        absent=int((lengths == 0).sum()),
        repaired=corpus.notes.repaired[split].get(modality, 0),
    )


def _lengths(utterances: Utterances, modality: Modality) -> tuple[str, npt.NDArray[np.int64]]:
    content = utterances.content
    if modality in content.streams:
        return "frames", content.streams[modality].lengths
    if content.token_ids is not None:
        return "tokens", content.token_ids.lengths
    return "words", np.array([len(text.split()) for text in content.raw_text], dtype=np.int64)
