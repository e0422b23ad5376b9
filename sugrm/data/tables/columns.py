"""The names that columns of text, labels, splits and ids have in the tables that people have."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from sugrm.config.sections.datasets import DatasetDescription
from sugrm.data.reading.problems import Problems, shown, shown_keys
from sugrm.errors import DataError
from sugrm.types import Modality


class Meaning(StrEnum):
    """What a column holds."""

    TEXT = "text"
    LABEL = "label"
    SPLIT = "split"
    ID = "id"
    VIDEO = "video_id"
    CLIP = "clip_id"


NAMES: Mapping[Meaning, tuple[str, ...]] = {
    Meaning.TEXT: ("text", "sentence", "transcript", "raw_text", "utterance"),
    Meaning.LABEL: ("label", "sentiment", "regression_labels", "score"),
    Meaning.SPLIT: ("split", "mode", "set", "partition"),
    Meaning.ID: ("id", "utterance_id", "utt_id", "sample_id"),
    Meaning.VIDEO: ("video_id", "video", "dialogue_id"),
    Meaning.CLIP: ("clip_id", "clip"),
}
"""Meaning -> names of columns, whatever their case; a space or a hyphen counts as ``_``."""

_MOST_NAMES = 4
_MEANINGS = {name: meaning for meaning, names in NAMES.items() for name in names}
_ENDINGS = {Modality.TEXT: "_t", Modality.AUDIO: "_a", Modality.VISION: "_v"}


def plain_name(name: str) -> str:
    """Return the name of a column as it is compared.

    >>> plain_name(" Raw Text")
    'raw_text'
    """
    return "_".join(name.replace("-", " ").replace("_", " ").lower().split())


def count_known(names: Iterable[str]) -> int:
    """Return how many of the columns have a meaning."""
    return len({_MEANINGS[plain] for plain in map(plain_name, names) if plain in _MEANINGS})


def may_matter(dataset: DatasetDescription, name: str) -> bool:
    """Return whether a column of that name may be read for the dataset."""
    plain = plain_name(name)
    return plain in _MEANINGS or plain in _unimodal_names(dataset)


def find_columns(
    names: Sequence[str],
    problems: Problems,
    *,
    text: str | None = None,
    optional: Sequence[Meaning] = (),
) -> dict[Meaning, str]:
    """Return the column of each meaning; two that could have the same are noted.

    Args:
        names: names of the columns.
        problems: takes what is wrong.
        text: name of the column of texts; None takes the usual names.
        optional: meanings that no column has where several could have them.
    """
    found: dict[Meaning, str] = {}
    for meaning in Meaning:
        fitting = [name for name in names if _means(name, meaning, text=text)]
        if len(fitting) > 1 and meaning in optional:
            continue
        if len(fitting) > 1:
            problems.add(
                None,
                meaning,
                got=f"columns {' and '.join(fitting)}, which could both be the {meaning}",
                expected="one",
                advice="rename or remove the others",
            )
        if fitting:
            found[meaning] = fitting[0]
    return found


def _means(name: str, meaning: Meaning, *, text: str | None) -> bool:
    if text is not None and (name == text or meaning is Meaning.TEXT):
        return name == text and meaning is Meaning.TEXT
    return _MEANINGS.get(plain_name(name)) is meaning


def find_unimodal(names: Sequence[str], dataset: DatasetDescription) -> dict[Modality, str]:
    """Return the columns of human labels of single modalities, where the dataset has them."""
    wanted = _unimodal_names(dataset)
    return {wanted[plain]: name for name in names if (plain := plain_name(name)) in wanted}


def note_missing(meaning: Meaning, names: Sequence[str], *, problems: Problems) -> None:
    """Note that a table lacks a column of a meaning that it needs."""
    problems.add(
        None,
        meaning,
        got=f"columns {shown_keys(names)}" if names else "no columns",
        expected=f"a column {', '.join(NAMES[meaning])}",
        advice=f"name the column that holds the {meaning} so",
    )


def note_no_text(names: Sequence[str], asked: str | None, *, problems: Problems) -> None:
    """Note that a table to score has no column of texts; ``asked`` is the name that was given."""
    problems.add(
        None,
        Meaning.TEXT,
        got=f"columns {shown_keys(names)}" if names else "no columns",
        expected=f"a column {asked or ', '.join(NAMES[Meaning.TEXT])}",
        advice="name the column that holds the text so, or say which one it is (--text-column "
        "NAME; text_column in Python)",
    )


def no_table(path: Path, names: Sequence[str]) -> DataError:
    """Return the error of a file that has neither a column of text nor one of labels."""
    got = f"the columns {', '.join(map(shown, names[:_MOST_NAMES]))}" if names else "no columns"
    return DataError(
        f"{path}: a table of {got}; expected a column of text ({', '.join(NAMES[Meaning.TEXT])}) "
        f"and one of labels ({', '.join(NAMES[Meaning.LABEL])}): name the columns so (docs/data.md "
        "lists the files that are read)"
    )


def _unimodal_names(dataset: DatasetDescription) -> dict[str, Modality]:
    """Return names of columns -> modality: the key of the dataset, and MMSA's label_T."""
    keys = dataset.unimodal_labels
    return {plain_name(key): modality for modality, key in keys.items()} | {
        f"label{_ENDINGS[modality]}": modality for modality in keys
    }
