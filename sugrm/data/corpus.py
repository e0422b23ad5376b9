"""A corpus as models and reports see it: splits of utterances over the memory-mapped cache."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.argument_checks import checked_path
from sugrm.config.sections.datasets import DatasetDescription, known_datasets, load_dataset
from sugrm.data.cache.content import Alignment, ImportNotes, SplitContent
from sugrm.data.cache.store import read_store
from sugrm.data.cache.text_states import SplitStates
from sugrm.data.names import distinct_names
from sugrm.types import Modality, Split

Dataset = DatasetDescription | Mapping[str, Any] | str
"""A dataset as ``load_dataset`` takes it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Utterances:
    """The utterances of one split; sequences are read-only views of the cache, never copies.

    Attributes:
        content: the stored content of the split.
        states: hidden states of a frozen text encoder, which replace the text features; None for
            none.
    """

    content: SplitContent
    states: SplitStates | None = None

    def __repr__(self) -> str:
        """Return the number of utterances."""
        return f"Utterances({len(self)})"

    def __len__(self) -> int:
        """Return N."""
        return len(self.content.ids)

    @property
    def ids(self) -> list[str]:
        """Return the name of each utterance, which no other one of the split has."""
        return self.content.ids

    @property
    def raw_text(self) -> list[str]:
        """Return the transcript of each utterance."""
        return self.content.raw_text

    @property
    def labels(self) -> npt.NDArray[np.float32]:
        """Return [N] human sentiment, from -``label_bound`` to ``label_bound`` of the dataset."""
        return self.content.labels

    def audio(self, row: int) -> npt.NDArray[np.float32]:
        """Return [T, D] frames of true length, T = 0 where the stream is absent."""
        return self.content.streams[Modality.AUDIO][row]

    def vision(self, row: int) -> npt.NDArray[np.float32]:
        """Return [T, D] frames of true length, T = 0 where the stream is absent."""
        return self.content.streams[Modality.VISION][row]

    def text(self, row: int) -> npt.NDArray[np.float32] | None:
        """Return [T, D] text features, or None where text comes as ids or words."""
        features = self.content.streams.get(Modality.TEXT)
        if self.states is not None:
            features = self.states.features
        return None if features is None else features[row]

    @property
    def text_lengths(self) -> npt.NDArray[np.int64] | None:
        """Return [N] real steps of ``text``; states may go on after them, for the padding."""
        if self.states is not None:
            return self.states.lengths
        features = self.content.streams.get(Modality.TEXT)
        return None if features is None else features.lengths

    def with_states(self, states: SplitStates) -> "Utterances":
        """Return the utterances with the hidden states of their texts as text features."""
        return replace(self, states=states)

    def token_ids(self, row: int) -> npt.NDArray[np.int64] | None:
        """Return [T] stored ids of the dataset's vocabulary without padding, or None."""
        ids = self.content.token_ids
        return None if ids is None else ids[row][:, 0]

    def segment_ids(self, row: int) -> npt.NDArray[np.int64] | None:
        """Return [T] stored token types without padding, or None."""
        ids = self.content.segment_ids
        return None if ids is None else ids[row][:, 0]

    def present(self, modality: Modality) -> npt.NDArray[np.bool_]:
        """Return [N] bool, True where the stream has a step; a transcript always has words."""
        sequences = self.content.streams.get(modality)
        if sequences is None and modality is Modality.TEXT:
            sequences = self.content.token_ids
        if sequences is None:
            return np.full(len(self), modality is Modality.TEXT)
        return sequences.lengths > 0

    def true_sentiment(self, modality: Modality) -> npt.NDArray[np.float32] | None:
        """Return [N] the modality's own sentiment, None where the corpus does not know it.

        It is the sentiment that a synthetic corpus was made from, or the human label of the
        modality alone that a file holds (CH-SIMS). Nothing is trained on it.
        """
        return self.content.true_sentiments.get(modality)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Corpus:
    """A corpus in its cache folder; it pickles as that folder and is mapped again when loaded.

    Attributes:
        dataset: what is known of its dataset: range and metrics of the labels, language.
        alignment: ``aligned`` where audio and vision have one frame for each token, else
            ``unaligned``.
        folder: the cache folder.
        fingerprint: hex digest of the content that was converted.
        audio_width: D, the width of the audio frames.
        vision_width: D, the width of the vision frames.
        text_width: D, the width of the text features; None where the text comes as token ids or
            words.
        padded_lengths: number of steps to which the distribution pads each stream.
        has_token_ids: True where ids of the dataset's vocabulary are stored.
        splits: the utterances of each split; one to score may lack some.
        notes: the values that were repaired, the streams that are absent and the utterances that
            were renamed.
    """

    dataset: DatasetDescription
    alignment: Alignment
    folder: Path
    fingerprint: str
    audio_width: int
    vision_width: int
    text_width: int | None
    padded_lengths: Mapping[Modality, int]
    has_token_ids: bool
    splits: Mapping[Split, Utterances]
    notes: ImportNotes

    def __repr__(self) -> str:
        """Return dataset, alignment and the number of utterances of each split."""
        sizes = ", ".join(f"{split.value} {len(each)}" for split, each in self.splits.items())
        return f"Corpus({self.name}, {self.alignment}, {sizes})"

    @property
    def name(self) -> str:
        """Return the name of the dataset."""
        return self.dataset.name

    @classmethod
    def open(cls, folder: str | os.PathLike[str], dataset: Dataset | None = None) -> "Corpus":
        """Return the memory-mapped corpus in ``folder``.

        Utterances that repeat an id get distinct names here, so that fingerprint and stored content
        stay those of the file.

        Args:
            folder: the cache folder.
            dataset: the dataset, as ``load_dataset`` takes it; None takes the one that the folder
                names (see ``dataset_called``).

        Raises:
            ArgumentError: ``folder`` is no path, or ``dataset`` is unknown.
            DataError: there is no cache, it is damaged, or the dataset's description is invalid.
        """
        place = checked_path("folder", folder)
        stored = read_store(place)
        description, widths = stored.description, stored.description["widths"]
        splits, renamed = {}, {}
        for split, content in stored.splits.items():
            names = distinct_names(content.ids)
            splits[split] = Utterances(replace(content, ids=names))
            pairs = zip(names, content.ids, strict=True)
            renamed[split] = tuple(name for name, given in pairs if name != given)
        return cls(
            dataset=load_dataset(
                dataset_called(description["name"]) if dataset is None else dataset
            ),
            alignment=description["alignment"],
            folder=place,
            fingerprint=description["fingerprint"],
            audio_width=widths[Modality.AUDIO],
            vision_width=widths[Modality.VISION],
            text_width=widths.get(Modality.TEXT),
            padded_lengths=_by_modality(description["padded_lengths"]),
            has_token_ids=all(each.token_ids is not None for each in stored.splits.values()),
            splits=splits,
            notes=ImportNotes(
                repaired=_by_split(description["repaired"]),
                absent_utterances=_by_split(description["absent_utterances"]),
                absent=tuple(Modality(modality) for modality in description["absent"]),
                renamed=renamed,
                **_findings(description.get("findings", {})),
            ),
        )

    def __reduce__(self) -> tuple[Callable[..., "Corpus"], tuple[Path, DatasetDescription]]:
        """Pickle as folder and dataset, so that a worker maps the same pages."""
        return Corpus.open, (self.folder, self.dataset)


def dataset_called(name: str) -> DatasetDescription:
    """Return the dataset of a name; one that is unknown, as a file's, counts as like MOSI.

    >>> dataset_called("my features").label_bound
    3.0
    """
    if name in known_datasets():
        return load_dataset(name)
    fields = {"name": name, "title": name, "splits": {}}
    return load_dataset("mosi").model_copy(update=fields)


def _findings(found: Mapping[str, Any]) -> dict[str, Any]:
    sides = found.get("sides", {})
    return {
        "layout": found.get("layout", ""),
        "sides": {
            Split(split): {Modality(stream): side for stream, side in streams.items()}
            for split, streams in sides.items()
        },
        "remarks": tuple(found.get("remarks", ())),
        "lengths": found.get("lengths", "checked"),
        "text_source": found.get("text_source"),
        "for_training": found.get("for_training", True),
    }


def _by_modality(counts: Mapping[str, int]) -> dict[Modality, int]:
    return {Modality(modality): count for modality, count in counts.items()}


def _by_split(counts: Mapping[str, Mapping[str, int]]) -> dict[Split, Mapping[Modality, int]]:
    return {Split(split): _by_modality(streams) for split, streams in counts.items()}
