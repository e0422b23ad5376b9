"""One file for each modality: a table with texts and labels, and frames by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sugrm.data.formats.table import TableContent, read_table
from sugrm.data.frames.by_id import Frames, read_frames
from sugrm.data.reading.label_columns import no_labels
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown
from sugrm.data.reading.raw import RawSplit, RawStream
from sugrm.errors import DataError
from sugrm.types import Modality, Split

NAME = "one file for each modality"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ModalityContent:
    """What the files of a corpus hold together: its splits, and sentences for the user."""

    splits: dict[Split, RawSplit]
    layout: str
    remarks: list[str]


def read_modality_files(
    paths: Mapping[Modality, Path], reading: Reading, *, problems: Problems
) -> ModalityContent:
    """Return the splits of a table, with the frames of audio and vision beside it.

    An utterance without frames lacks the stream; frames without a row are not read. Both are
    counted.

    Args:
        paths: the table under ``text``, and files of frames under ``audio`` and ``vision``.
        reading: how they are to be read.
        problems: takes what is wrong in the table.

    Raises:
        DataError: a file cannot be read, or no utterance has frames in one of them.
    """
    table = read_table(
        paths[Modality.TEXT], reading, problems=problems, with_features=len(paths) > 1
    )
    features = [
        read_frames(path, modality)
        for modality, path in paths.items()
        if modality is not Modality.TEXT
    ]
    remarks = [line for frames in features for line in _compared(table, frames)]
    is_padded = reading.lengths != "stated"

    def streams(split: Split, ids: Sequence[str]) -> dict[Modality, RawStream]:
        return {
            frames.modality: frames.stream(split, ids, is_padded=is_padded) for frames in features
        }

    return ModalityContent(
        splits=table.raw_splits(streams),
        layout=f"{NAME} ({table.layout})",
        remarks=[*table.remarks, *remarks],
    )


def read_frames_alone(paths: Mapping[Modality, Path], reading: Reading) -> ModalityContent:
    """Return the utterances that files of frames name, to score without a table beside them.

    They are the split ``test``, or those of files that name splits.

    Raises:
        DataError: a file cannot be read, or holds no frames.
    """
    features = [read_frames(path, modality) for modality, path in paths.items()]
    named = {split for frames in features for split in frames.by_split if split is not None}
    ids = {split: _names(features, split) for split in Split if split in named or not named}
    if not named:
        ids = {Split.TEST: ids[Split.TEST]}
    is_padded = reading.lengths != "stated"
    splits = {
        split: RawSplit(
            ids=names,
            raw_text=None,
            labels=no_labels(len(names)),
            streams={
                frames.modality: frames.stream(split, names, is_padded=is_padded)
                for frames in features
            },
        )
        for split, names in ids.items()
    }
    return ModalityContent(splits=splits, layout=NAME, remarks=_lacking(features, ids))


def _names(features: Sequence[Frames], split: Split) -> list[str]:
    """Return the names of the utterances of a split, or of all where no file names splits."""
    given = [frames.by_split.get(split) for frames in features]
    found = [names for names in given if names is not None]
    everywhere = [frames.by_split.get(None, {}) for frames in features]
    return list(dict.fromkeys(name for names in found or everywhere for name in names))


def _lacking(features: Sequence[Frames], ids: Mapping[Split, list[str]]) -> list[str]:
    """Return a sentence for each file that lacks frames of some utterances."""
    rows = sum(map(len, ids.values()))
    counts = {
        frames: sum(name not in frames.of(split) for split in ids for name in ids[split])
        for frames in features
    }
    return [_said(frames, lacking, rows=rows) for frames, lacking in counts.items() if lacking]


def _said(frames: Frames, lacking: int, *, rows: int) -> str:
    return (
        f"{frames.modality}: {lacking} of {rows} utterances have no frames in {frames.path.name}; "
        "the stream is absent for them"
    )


def _compared(table: TableContent, frames: Frames) -> list[str]:
    """Return sentences on utterances without frames and frames without a row.

    Raises:
        DataError: no utterance of the table has frames.
    """
    rows = len(table.rows.ids)
    lacking = sum(name not in frames.of(split) for split in Split for name in table.ids(split))
    given = [name for arrays in frames.by_split.values() for name in arrays]
    used = sum(len(set(found) & _ids(table, split)) for split, found in frames.by_split.items())
    if lacking == rows:
        raise DataError(
            f"{frames.path}: no name of an utterance is in the table; the file has "
            f"{shown(given[0])}, the table {shown(table.rows.ids[0])}; name them alike (a table "
            "without ids counts its rows from 1)"
        )
    name, modality = frames.path.name, frames.modality
    lines = []
    if lacking:
        lines.append(_said(frames, lacking, rows=rows))
    if len(given) > used:
        lines.append(
            f"{modality}: {len(given) - used} of {len(given)} entries of {name} have no row in the "
            "table and are not read"
        )
    return lines


def _ids(table: TableContent, split: Split | None) -> set[str]:
    return set(table.rows.ids) if split is None else set(table.ids(split))
