"""The utterances of a table: names, texts, labels and splits, checked row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.reading import values
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown
from sugrm.data.reading.raw import Array
from sugrm.data.reading.split_names import NAMES as SPLIT_NAMES
from sugrm.data.reading.split_names import split_named
from sugrm.data.tables.columns import Meaning, find_unimodal
from sugrm.data.tables.frame_columns import Frames, find_frames, joined_frames, read_frames
from sugrm.data.tables.labels import LabelColumn
from sugrm.data.tables.naming import NameColumns, joined_names
from sugrm.data.tables.table import Table
from sugrm.types import Modality, Split

Labels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rows:
    """The utterances of one or several tables.

    Attributes:
        ids: name of each.
        texts: transcript of each; None where the table has no column of texts.
        labels: [N] human sentiment.
        splits: split of each; None where the table names none.
        videos: video of each; None where no column names it.
        unimodal: modality -> [N] human sentiment of that modality alone; NaN where it is unknown.
        frames: modality -> [T, D] features of each; empty for tables without features.
        are_numbered: whether the names are numbers of rows.
    """

    ids: list[str]
    texts: list[str] | None
    labels: Labels
    splits: list[Split] | None
    videos: list[str] | None
    unimodal: Mapping[Modality, Labels] = field(default_factory=dict)
    frames: Mapping[Modality, Sequence[Array]] = field(default_factory=dict)
    are_numbered: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TableRows:
    """The rows of one table, whose names only all tables together tell.

    Attributes:
        names: the columns that name them.
        texts: transcript of each; None where the table has no column of texts.
        labels: [N] human sentiment.
        splits: split of each; None where the table names none.
        unimodal: modality -> [N] human sentiment of that modality alone; NaN where it is unknown.
        frames: modality -> [T, D] features of each, None where it has none.
    """

    names: NameColumns
    texts: list[str] | None
    labels: Labels
    splits: list[Split] | None
    unimodal: Mapping[Modality, Labels]
    frames: Mapping[Modality, Frames]


def joined_rows(parts: Sequence[TableRows]) -> Rows:
    """Return the utterances of several tables as one.

    Columns that a table lacks are left out. So are labels of a modality that no table has.
    """
    ids, are_numbered = joined_names([part.names for part in parts])
    unimodal = {
        modality: np.concatenate([part.unimodal[modality] for part in parts])
        for modality in parts[0].unimodal
        if all(modality in part.unimodal for part in parts)
    }
    return Rows(
        ids=ids,
        texts=_joined([part.texts for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        splits=_joined([part.splits for part in parts]),
        videos=_joined([part.names.videos for part in parts]),
        unimodal={
            modality: values for modality, values in unimodal.items() if not np.isnan(values).all()
        },
        frames=joined_frames([(part.names.count, part.frames) for part in parts]),
        are_numbered=are_numbered,
    )


def read_rows(
    table: Table,
    columns: Mapping[Meaning, str],
    *,
    labels: Labels,
    reading: Reading,
    split: Split | None,
    problems: Problems,
) -> TableRows:
    """Return the rows of a table; what is wrong is noted.

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

    def read(self, split: Split | None, labels: Labels) -> TableRows:
        """Return the rows, of one split or of those that a column names."""
        if not self.table.rows:
            self._note_empty()
        return TableRows(
            names=NameColumns(
                ids=self._names(Meaning.ID),
                videos=self._names(Meaning.VIDEO),
                clips=self._names(Meaning.CLIP),
                count=len(self.table.rows),
            ),
            texts=self._texts(),
            labels=labels,
            splits=self._splits(split),
            unimodal=self._unimodal() if self.reading.for_training else {},
            frames={} if self.reading.for_training else self._frames(),
        )

    def _note_empty(self) -> None:
        self.problems.add(
            None, "", got="no rows", expected="a row for each utterance", advice="add the rows"
        )

    def _unimodal(self) -> dict[Modality, Labels]:
        """Return human labels of single modalities, NaN where a row has none."""
        found = find_unimodal(list(self.table.columns), self.reading.dataset)
        bound = self.reading.dataset.label_bound
        return {
            modality: LabelColumn(name=name, table=self.table, bound=bound).read_known(
                self.problems
            )
            for modality, name in found.items()
        }

    def _frames(self) -> dict[Modality, Frames]:
        """Return the features that the table holds as arrays."""
        names = find_frames(list(self.table.columns), self.reading)
        given = {
            m: read_frames(self.table, name, problems=self.problems) for m, name in names.items()
        }
        return {modality: frames for modality, frames in given.items() if frames is not None}

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
