"""Tables with a text and a label in each row, with or without features beside them.

Columns are known by their usual names (``sugrm.data.tables.columns``). A table without a column of
splits is divided by videos (``sugrm.data.tables.division``). MMSA's ``label.csv`` of MOSI, MOSEI
and CH-SIMS is such a table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sugrm.config.sections.data import PICKLE_ENDINGS, TABLE_ENDINGS
from sugrm.data.formats.table_columns import choose_columns, is_read
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit, RawStream
from sugrm.data.tables.columns import Meaning
from sugrm.data.tables.division import LEAST_VIDEOS, divide, videos_of
from sugrm.data.tables.opening import OpenTables, open_tables
from sugrm.data.tables.rows import Rows, joined_rows, read_rows
from sugrm.errors import DataError
from sugrm.types import Modality, Split

Labels = npt.NDArray[np.float32]
Streams = Callable[[Split, Sequence[str]], Mapping[Modality, RawStream]]
"""Features of the utterances of a split, by their names."""

_ENDINGS = (*TABLE_ENDINGS, *PICKLE_ENDINGS)
"""Endings of files that are read; a table of another ending is read if it has no fault."""

_ADVICE = "add its rows, or leave the column of splits out: the rows are then divided"
_FEW_ADVICE = "add a column split with train, valid and test"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TableContent:
    """The utterances of a table, all splits in one.

    Attributes:
        rows: the utterances.
        splits: the split of each.
        layout: name of the layout, as messages show it.
        remarks: sentences for the user.
    """

    rows: Rows
    splits: Sequence[Split]
    layout: str
    remarks: list[str]

    def ids(self, split: Split) -> list[str]:
        """Return the names of the utterances of a split."""
        return [name for name, own in zip(self.rows.ids, self.splits, strict=True) if own is split]

    def raw_splits(self, streams: Streams | None = None) -> dict[Split, RawSplit]:
        """Return the splits that have rows, with their features where there are some."""
        return {split: self._raw_split(split, streams) for split in Split if split in self.splits}

    def _raw_split(self, split: Split, streams: Streams | None) -> RawSplit:
        chosen = np.array([own is split for own in self.splits])
        ids, texts = self.ids(split), self.rows.texts
        frames = {
            modality: RawStream(frames=[given[row] for row in np.flatnonzero(chosen).tolist()])
            for modality, given in self.rows.frames.items()
        }
        return RawSplit(
            ids=ids,
            raw_text=None
            if texts is None
            else [text for text, own in zip(texts, self.splits, strict=True) if own is split],
            labels=self.rows.labels[chosen],
            streams=frames if streams is None else {**frames, **streams(split, ids)},
            unimodal_labels={
                modality: values[chosen] for modality, values in self.rows.unimodal.items()
            },
        )


def read_table(
    path: Path, reading: Reading, *, problems: Problems, with_features: bool = False
) -> TableContent:
    """Return the utterances of the table at ``path``, a file or a folder.

    Args:
        path: the table.
        reading: how it is to be read.
        problems: takes what is wrong.
        with_features: whether features stand beside it, so that texts may be missing.

    Raises:
        DataError: the file cannot be read, or something is wrong in it; all problems are named.
    """
    try:
        found = open_tables(
            path, partial(is_read, reading), problems=problems, needs_all=reading.for_training
        )
        return table_content(found, reading, problems=problems, with_features=with_features)
    except DataError as error:
        if path.suffix.lower() in ("", *_ENDINGS) or path.is_dir():
            raise
        raise DataError(
            f"{path}: {path.suffix} is the ending of no table and of no feature file; expected "
            f"one of {', '.join(_ENDINGS)}. Read as a table it has problems:\n{error}"
        ) from error


def table_content(
    found: OpenTables, reading: Reading, *, problems: Problems, with_features: bool = False
) -> TableContent:
    """Return the utterances of open tables; the arguments are those of ``read_table``.

    Raises:
        DataError: something is wrong in them; all problems are named.
    """
    problems.raise_if_any()
    tables = [table for _, table in found.tables]
    chosen = choose_columns(tables, reading, problems=problems, with_features=with_features)
    parts = [
        read_rows(table, names, labels=own, reading=reading, split=split, problems=problems)
        for (split, table), names, own in zip(
            found.tables, chosen.columns, chosen.labels, strict=True
        )
    ]
    problems.raise_if_any()
    rows = joined_rows(parts)
    remarks = [f"the split {name} is not read" for name in found.ignored]
    remarks += [*chosen.remarks, *_unknown(rows)]
    splits = _splits(rows, reading, remarks=remarks, problems=problems)
    problems.raise_if_any()
    return TableContent(rows=rows, splits=splits, layout=found.layout, remarks=remarks)


def _unknown(rows: Rows) -> list[str]:
    """Return sentences on labels of a modality that some utterances lack."""
    counts = {modality: int(np.isnan(each).sum()) for modality, each in rows.unimodal.items()}
    return [
        f"{modality}: {count} of {len(rows.ids)} utterances have no human label of their own"
        for modality, count in counts.items()
        if count
    ]


def _splits(
    rows: Rows, reading: Reading, *, remarks: list[str], problems: Problems
) -> Sequence[Split]:
    if not reading.for_training:
        return rows.splits or [Split.TEST] * len(rows.ids)
    if rows.splits is None:
        return _divided(rows, remarks, problems=problems)
    missing = [split for split in Split if split not in rows.splits]
    if missing:
        present = [split for split in Split if split in rows.splits]
        problems.add(
            None,
            Meaning.SPLIT,
            got=f"rows of {', '.join(present) or 'no split'} alone",
            expected=f"rows of {', '.join(Split)}",
            advice=_ADVICE,
        )
    return rows.splits


def _divided(rows: Rows, remarks: list[str], *, problems: Problems) -> Sequence[Split]:
    videos = rows.videos or videos_of(rows.ids)
    count = len(set(videos))
    if count < LEAST_VIDEOS:
        problems.add(
            None,
            Meaning.SPLIT,
            got=f"no such column, and {count} videos",
            expected=f"splits, or at least {LEAST_VIDEOS} videos to divide",
            advice=_FEW_ADVICE,
        )
        return []
    splits = divide(videos)
    unit = "rows" if rows.are_numbered else f"{count} videos"
    sizes = ", ".join(f"{split} {splits.count(split)}" for split in Split)
    remarks.append(
        f"the table names no splits; {len(splits)} utterances are divided 70/10/20 by a hash of "
        f"{'the row number' if rows.are_numbered else f'the video ({unit})'}: {sizes}"
    )
    return splits
