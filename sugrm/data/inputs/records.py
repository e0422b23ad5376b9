"""``inputs_of_records``: the corpus of Python values to score."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sugrm.argument_checks import check_type, checked_path
from sugrm.data.corpus import Corpus
from sugrm.data.formats.layouts import RawCorpus
from sugrm.data.formats.table import table_content
from sugrm.data.formats.table_columns import NO_SPLITS, is_read
from sugrm.data.inputs.content import input_content
from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.data.inputs.files import EXPECTED, stored_inputs
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems, shown, shown_keys
from sugrm.data.tables.opening import OpenTables
from sugrm.data.tables.table import Table
from sugrm.errors import ArgumentError

_PATH = Path("records")
_A_LIST = "expected a list of texts or of mappings, or a DataFrame"
_A_RECORD = 'a text, or a mapping as {"text": "good", "audio": [T, D]}'


def inputs_of_records(
    records: Any,  # noqa: ANN401 - texts, mappings or a DataFrame, which is not imported
    expected: ExpectedInputs,
    *,
    cache: str | os.PathLike[str],
) -> Corpus:
    """Return the corpus of utterances that are given as Python values, its split ``test``.

    A record is a text, or a mapping with ``text`` and, where there are some, ``id``, ``label`` and
    the features ``audio``, ``vision`` and ``text_features`` [T, D] without padding. The names of
    columns in tables serve as well.

    Args:
        records: the records, or a DataFrame with a row for each.
        expected: what the model reads.
        cache: folder that the sequences are written to, as in ``read_inputs``.

    Raises:
        ArgumentError: an argument is of another type.
        DataError: a record cannot be used; bad ones are named by their number, from 1.
    """
    check_type("expected", expected, kind=ExpectedInputs, expected=EXPECTED)
    folder, reading = checked_path("cache", cache), expected.reading
    problems, remarks = Problems(_PATH, what="the records"), list[str]()
    table = (
        _of_frame(records)
        if hasattr(records, "columns") and hasattr(records, "to_dict")
        else _of_mappings(records, reading, problems=problems, remarks=remarks)
    )
    if not table.rows:
        advice = "give one for each utterance"
        problems.add(None, "records", got="none", expected="at least one", advice=advice)
    found = OpenTables(tables=[(None, _kept(table, reading))], layout="records")
    content = table_content(found, reading, problems=problems)
    raw = RawCorpus(
        splits=content.raw_splits(),
        layout=content.layout,
        problems=problems,
        remarks=[*remarks, *(each for each in content.remarks if each != NO_SPLITS)],
    )
    return stored_inputs(input_content(raw, expected), expected, folder=folder)


def _of_frame(frame: Any) -> Table:  # noqa: ANN401 - a DataFrame
    names = [str(name) for name in frame.columns]
    columns = {name: frame.iloc[:, place].tolist() for place, name in enumerate(names)}
    return _table(names, columns, count=len(frame))


def _of_mappings(
    records: object, reading: Reading, *, problems: Problems, remarks: list[str]
) -> Table:
    if isinstance(records, str | bytes | Mapping) or not isinstance(records, Iterable):
        raise ArgumentError(f"records is a {type(records).__name__}; {_A_LIST}")
    given = [{"text": each} if isinstance(each, str) else each for each in records]
    for number, record in enumerate(given, 1):
        if not isinstance(record, Mapping):
            problems.add(
                None,
                f"record {number}",
                got=shown(record),
                expected=_A_RECORD,
                advice="give one for each utterance",
            )
    problems.raise_if_any()
    names = list(dict.fromkeys(key for each in given for key in each if isinstance(key, str)))
    if unread := [name for name in names if not is_read(reading, name)]:
        remarks.append(f"keys of records that are not read: {shown_keys(unread)}")
    columns = {name: [each.get(name) for each in given] for name in names}
    return _table(names, columns, count=len(given))


def _table(names: list[str], columns: dict[str, list[Any]], *, count: int) -> Table:
    return Table(path=_PATH, names=names, columns=columns, rows=range(1, count + 1), unit="record")


def _kept(table: Table, reading: Reading) -> Table:
    """Return the table without columns that are not read; tensors are arrays."""
    columns = {
        name: [_plain(value) for value in given]
        for name, given in table.columns.items()
        if is_read(reading, name)
    }
    return _table(list(table.names), columns, count=len(table.rows))


def _plain(value: object) -> object:
    """Return a tensor or another array as numpy's; what cannot be converted stays."""
    if isinstance(value, str | np.ndarray | np.generic) or not hasattr(value, "__array__"):
        return value
    try:
        return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    except (
        Exception
    ):  # another library's array, or a type that numpy lacks, raises almost any class
        return value
