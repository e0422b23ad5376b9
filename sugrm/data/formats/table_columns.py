"""Which columns of tables are read: to train, and to score, where labels and splits may be missing.

A column of a table to score that bears the name of labels or of splits and holds something else is
left out with a remark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sugrm.data.reading.label_columns import no_labels
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown
from sugrm.data.reading.split_names import split_named
from sugrm.data.tables.columns import (
    Meaning,
    find_columns,
    may_matter,
    no_table,
    note_missing,
    note_no_text,
)
from sugrm.data.tables.frame_columns import find_frames
from sugrm.data.tables.labels import LabelColumn, read_labels
from sugrm.data.tables.table import Table

Columns = Mapping[Meaning, str]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ChosenColumns:
    """The columns of each of several tables.

    Attributes:
        columns: for each table the column of each meaning.
        labels: for each table [N] human sentiment; NaN where a row to score has none.
        remarks: sentences for the user.
    """

    columns: list[Columns]
    labels: list[npt.NDArray[np.float32]]
    remarks: list[str] = field(default_factory=list)


NO_SPLITS = "the table names no splits: all its rows are scored, also any that trained the model"
"""Remark on a table to score."""


def is_read(reading: Reading, name: str) -> bool:
    """Return whether a column of that name may be read."""
    if reading.for_training:
        return may_matter(reading.dataset, name)
    is_text = name == reading.text_column
    return is_text or may_matter(reading.dataset, name) or bool(find_frames([name], reading))


def choose_columns(
    tables: Sequence[Table], reading: Reading, *, problems: Problems, with_features: bool
) -> ChosenColumns:
    """Return the columns of the tables; what is wrong with their labels is noted.

    Args:
        tables: the tables.
        reading: how they are read.
        problems: takes what is wrong.
        with_features: whether features stand beside the tables, so that texts may be missing.

    Raises:
        DataError: a column is missing, or two could have one meaning.
    """
    if not reading.for_training:
        return _to_score(tables, reading, problems=problems)
    needed = (Meaning.LABEL,) if with_features else (Meaning.TEXT, Meaning.LABEL)
    columns = [_columns(table, needed, problems=problems) for table in tables]
    problems.raise_if_any()
    given = [
        LabelColumn(name=names[Meaning.LABEL], table=table, bound=reading.dataset.label_bound)
        for table, names in zip(tables, columns, strict=True)
    ]
    return ChosenColumns(columns=columns, labels=read_labels(given, problems))


def _columns(table: Table, needed: Sequence[Meaning], *, problems: Problems) -> Columns:
    columns = find_columns(table.names, problems)
    if len(needed) > 1 and not any(meaning in columns for meaning in needed):
        raise no_table(table.path, table.names)
    for meaning in needed:
        if meaning not in columns:
            note_missing(meaning, table.names, problems=problems)
    return columns


def _to_score(tables: Sequence[Table], reading: Reading, *, problems: Problems) -> ChosenColumns:
    chosen = ChosenColumns(columns=[], labels=[])
    for table in tables:
        columns = find_columns(
            table.names, problems, text=reading.text_column, optional=[Meaning.LABEL]
        )
        if reading.reads_words and Meaning.TEXT not in columns:
            note_no_text(table.names, reading.text_column, problems=problems)
        labels, remarks = no_labels(len(table.rows)), list(_other_splits(table, columns))
        if remarks:
            del columns[Meaning.SPLIT]
        if name := columns.get(Meaning.LABEL):
            bound = reading.dataset.label_bound
            labels, more = LabelColumn(name=name, table=table, bound=bound).known()
            remarks += more
        if len(tables) == 1 and Meaning.SPLIT not in columns:
            remarks.append(NO_SPLITS)
        chosen.columns.append(columns)
        chosen.labels.append(labels)
        chosen.remarks.extend(each for each in remarks if each not in chosen.remarks)
    problems.raise_if_any()
    return chosen


def _other_splits(table: Table, columns: Columns) -> Sequence[str]:
    """Return a remark where no value of the column of splits names one."""
    name = columns.get(Meaning.SPLIT)
    given = table.columns[name] if name else ()
    if not given or any(isinstance(value, str) and split_named(value) for value in given):
        return ()
    return (f"{name} is not read: got {shown(given[0])}, expected train, valid or test",)
