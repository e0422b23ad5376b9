"""The utterances of a table: names, texts, labels and splits, checked row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.reading import values
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown
from sugrm.data.reading.split_names import NAMES as SPLIT_NAMES
from sugrm.data.reading.split_names import split_named
from sugrm.data.tables.columns import Meaning, find_unimodal
from sugrm.data.tables.labels import LabelColumn, read_labels
from sugrm.data.tables.table import Table
from sugrm.types import Modality, Split

Labels = npt.NDArray[np.float32]

SEPARATOR = "$_$"
"""Between video and clip in the names of MMSA's files."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rows:
    """The utterances of one or several tables.

    Attributes:
        ids: name of each.
        texts: transcript of each; None where the table has no column of texts.
        labels: [N] human sentiment.
        splits: split of each; None where the table names none.
        videos: video of each; None where no column names it.
        unimodal: modality -> [N] human sentiment of that modality alone.
        are_numbered: whether the names are numbers of rows.
    """

    ids: list[str]
    texts: list[str] | None
    labels: Labels
    splits: list[Split] | None
    videos: list[str] | None
    unimodal: Mapping[Modality, Labels] = field(default_factory=dict)
    are_numbered: bool = False

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """Return the utterances of several tables as one; the first one tells which columns."""
        first = parts[0]
        if len(parts) == 1:
            return first
        shared = [
            modality
            for modality in first.unimodal
            if all(modality in part.unimodal for part in parts)
        ]
        ids = [name for part in parts for name in part.ids]
        if all(part.are_numbered for part in parts):
            ids = [str(number) for number in range(1, len(ids) + 1)]
        return cls(
            ids=ids,
            texts=_joined([part.texts for part in parts]),
            labels=np.concatenate([part.labels for part in parts]),
            splits=_joined([part.splits for part in parts]),
            videos=_joined([part.videos for part in parts]),
            unimodal={
                modality: np.concatenate([part.unimodal[modality] for part in parts])
                for modality in shared
            },
            are_numbered=all(part.are_numbered for part in parts),
        )


def read_rows(
    table: Table,
    columns: Mapping[Meaning, str],
    *,
    labels: Labels,
    reading: Reading,
    split: Split | None,
    problems: Problems,
) -> Rows:
    """Return the utterances of a table; what is wrong is noted.

    Args:
        table: the table.
        columns: the column of each meaning.
        labels: [N] human sentiment.
        reading: how it is to be read.
        split: the split of all rows; None takes the column of splits.
        problems: takes what is wrong.
    """
    return _Reader(table, columns, reading=reading, problems=problems).read(split, labels)


class _Reader:
    """Reads the rows of one table."""

    def __init__(
        self,
        table: Table,
        columns: Mapping[Meaning, str],
        *,
        reading: Reading,
        problems: Problems,
    ) -> None:
        self.table, self.columns = table, columns
        self.reading, self.problems = reading, problems

    def read(self, split: Split | None, labels: Labels) -> Rows:
        """Return the rows, of one split or of those that a column names."""
        if not self.table.rows:
            self._note_empty()
        videos = self._names(Meaning.VIDEO)
        ids, are_numbered = self._ids(videos)
        return Rows(
            ids=ids,
            texts=self._texts(),
            labels=labels,
            splits=self._splits(split),
            videos=videos,
            unimodal=self._unimodal(),
            are_numbered=are_numbered,
        )

    def _note_empty(self) -> None:
        self.problems.add(
            None, "", got="no rows", expected="a row for each utterance", advice="add the rows"
        )

    def _unimodal(self) -> dict[Modality, Labels]:
        """Return human labels of single modalities; a column without any value is none."""
        found = find_unimodal(list(self.table.columns), self.reading.dataset)
        bound = self.reading.dataset.label_bound
        return {
            modality: read_labels(
                [LabelColumn(name=name, table=self.table, bound=bound)], self.problems
            )[0]
            for modality, name in found.items()
            if any(value not in (None, "") for value in self.table.columns[name])
        }

    def _texts(self) -> list[str] | None:
        return self._column(
            Meaning.TEXT, _text, expected="words", advice="drop the row, or add its text"
        )

    def _splits(self, split: Split | None) -> list[Split] | None:
        if split is not None:
            return [split] * len(self.table.rows)
        names = "; ".join(", ".join(each) for each in SPLIT_NAMES.values())
        return self._column(Meaning.SPLIT, _split, expected=names, advice="name the row's split so")

    def _names(self, meaning: Meaning) -> list[str] | None:
        return self._column(meaning, _name, expected="a name", advice=f"add the row's {meaning}")

    def _ids(self, videos: list[str] | None) -> tuple[list[str], bool]:
        """Return the name of each utterance, and whether these are numbers of rows."""
        ids, clips = self._names(Meaning.ID), self._names(Meaning.CLIP)
        if ids is not None and (videos is None or len(set(ids)) == len(ids)):
            return ids, False
        clips = clips or ids
        if videos is not None and clips is not None and len(videos) == len(clips):
            pairs = zip(videos, clips, strict=True)
            return [f"{video}{SEPARATOR}{clip}" for video, clip in pairs], False
        if videos is not None or clips is not None:
            return videos or clips or [], False
        return [str(number) for number in range(1, len(self.table.rows) + 1)], True

    def _column(
        self,
        meaning: Meaning,
        convert: Callable[[Any], Any],
        *,
        expected: str,
        advice: str,
    ) -> list[Any] | None:
        """Return the converted values of a column, None without it; what is none is noted."""
        name = self.columns.get(meaning)
        if name is None:
            return None
        given = self.table.columns[name]
        found = [convert(value) for value in given]
        wrong = [row for row, value in enumerate(found) if value is None]
        if wrong:
            first = given[wrong[0]]
            got = "nothing" if first in (None, "") else shown(first)
            self.problems.add(
                None,
                name,
                got=f"{got} in {self.table.place(wrong[0])} ({len(wrong)} such rows)",
                expected=expected,
                advice=advice,
            )
        return [value for value in found if value is not None]


def _joined(parts: Sequence[list[Any] | None]) -> list[Any] | None:
    """Return all values, None where a part has none."""
    if any(part is None for part in parts):
        return None
    return [value for part in parts for value in part or ()]


def _text(value: object) -> str | None:
    found = values.texts([value])[0] if isinstance(value, str | bytes) else []
    return found[0] if found and found[0].strip() else None


def _name(value: object) -> str | None:
    found, wrong = values.names([value]) if not isinstance(value, list | tuple) else ([], value)
    return found[0].strip() or None if found and not wrong else None


def _split(value: object) -> Split | None:
    return split_named(value) if isinstance(value, str) else None
