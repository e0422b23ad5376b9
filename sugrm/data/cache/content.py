"""The content of a corpus in memory, between a reader and the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sugrm.data.cache.ragged import Ragged
from sugrm.types import Modality, Split

Alignment = Literal["aligned", "unaligned"]
LengthSource = Literal["checked", "stated", "detected"]
TextSource = Literal["tokens", "features", "words"]
Counts = Mapping[Split, Mapping[Modality, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNotes:
    """What a reader repaired or found missing.

    Attributes:
        repaired: split -> stream -> number of values that were NaN or infinite and are now 0.
        absent_utterances: split -> stream -> number of utterances without a real frame.
        absent: streams that have no real frame in the whole corpus.
        renamed: split -> new names of the utterances that repeat the id of an earlier one.
        layout: name of the file's layout; empty for a corpus that was not read from a file, or
            was read by an earlier version.
        sides: split -> stream -> the side of its padding: back, front or none.
        remarks: sentences on what was read in another way than the file has it.
        lengths: where the numbers of real frames came from, as in ``Reading``.
        text_source: what was read as the text; None where an earlier version wrote the cache, and
            for a synthetic corpus.
        for_training: whether a model can be trained on it; of a corpus to score the remarks say
            which streams are absent, and labels of single modalities are not read.
    """

    repaired: Counts
    absent_utterances: Counts
    absent: tuple[Modality, ...]
    renamed: Mapping[Split, tuple[str, ...]] = field(default_factory=dict)
    layout: str = ""
    sides: Mapping[Split, Mapping[Modality, str]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    lengths: LengthSource = "checked"
    text_source: TextSource | None = None
    for_training: bool = True


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SplitContent:
    """The utterances of one split.

    Attributes:
        ids: name of each utterance.
        raw_text: transcript of each utterance.
        labels: [N] float32 human sentiment in the range of the dataset.
        streams: [T, D] float32 frames of audio, vision and, where text features are given, text.
        token_ids: [T] int64 ids of the dataset's vocabulary for each utterance; None where
            the file holds none.
        segment_ids: [T] int64 token types for each utterance; None where the file holds none.
        true_sentiments: modality -> [N] float32 sentiment of that modality alone: the true one of a
            synthetic corpus, the human labels of a file that has them; else empty.
        words: the words of each utterance, where audio and vision have one frame for each of them;
            None where they have not.
    """

    ids: list[str]
    raw_text: list[str]
    labels: npt.NDArray[np.float32]
    streams: Mapping[Modality, Ragged]
    token_ids: Ragged | None = None
    segment_ids: Ragged | None = None
    true_sentiments: Mapping[Modality, npt.NDArray[np.float32]] = field(default_factory=dict)
    words: list[list[str]] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CorpusContent:
    """A whole corpus before it is stored.

    Attributes:
        name: name of the corpus.
        alignment: ``aligned`` where audio and vision have one frame for each token.
        fingerprint: hex digest of the content.
        padded_lengths: number of steps to which the distribution pads each stream.
        splits: the utterances of each split.
        repaired: split -> stream -> number of values that were NaN or infinite.
        findings: layout, sides of the padding, remarks and how the file was read.
    """

    name: str
    alignment: Alignment
    fingerprint: str
    padded_lengths: Mapping[Modality, int]
    splits: Mapping[Split, SplitContent]
    repaired: Counts
    findings: Mapping[str, Any] = field(default_factory=dict)

    def notes(self) -> ImportNotes:
        """Return what was repaired and which streams are absent."""
        absent = {split: _absent(content) for split, content in self.splits.items()}
        nowhere = tuple(
            modality
            for modality in Modality
            if all(
                absent[split].get(modality, 0) == len(content.ids)
                for split, content in self.splits.items()
            )
        )
        return ImportNotes(repaired=self.repaired, absent_utterances=absent, absent=nowhere)


def _absent(content: SplitContent) -> dict[Modality, int]:
    sequences = dict(content.streams)
    if content.token_ids is not None:
        sequences[Modality.TEXT] = content.token_ids
    return {
        modality: int((sequence.lengths == 0).sum()) for modality, sequence in sequences.items()
    }
