import csv
import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sugrm.config.sections.data import TABLE_ENDINGS
from sugrm.errors import ArgumentError
from sugrm.prediction.files import format_of, table_of, write_file
from sugrm.prediction.predictions import Predictions
from sugrm.types import Split


def predictions(ids, start=0.1):
    scores = np.float32([start + place / 3 for place in range(len(ids))])
    text = np.float32([np.nan, *scores[1:]])
    return Predictions(ids=list(ids), by_seed={1: {"M": scores, "T": text}})


def test_one_split_has_no_column_of_splits_and_what_is_undefined_is_none():
    columns = table_of({Split.TEST: predictions(["a", "b"])})
    assert list(columns) == ["id", "score", "score_T"]
    assert columns["score_T"][0] is None
    assert np.float32(columns["score"][1]) == np.float32(0.1 + 1 / 3)


def test_several_splits_follow_each_other_with_their_names():
    columns = table_of({Split.VALID: predictions(["a"]), Split.TEST: predictions(["b", "c"])})
    assert columns["split"] == ["valid", "test", "test"]
    assert columns["id"] == ["a", "b", "c"]
    assert "score_T" not in table_of({Split.TEST: predictions(["a"])}, unimodal=False)


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_every_format_gives_the_same_numbers_again(tmp_path, name):
    columns = table_of({Split.TEST: predictions(['a,\n"b"', "é"])})
    path = tmp_path / name
    write_file(columns, path, kind=format_of(path))
    assert os.listdir(tmp_path) == [name]
    if name == "out.parquet":
        read = pq.read_table(path).to_pylist()
    elif name == "out.jsonl":
        read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        with path.open(encoding="utf-8", newline="") as stream:
            read = list(csv.DictReader(stream))
    assert [row["id"] for row in read] == columns["id"]
    assert [np.float32(row["score"]) for row in read] == [np.float32(v) for v in columns["score"]]


def test_a_file_that_cannot_be_written_leaves_the_earlier_one(tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("earlier", encoding="utf-8")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_file(table_of({Split.TEST: predictions(["a"])}), path, kind="csv")
    assert path.read_text(encoding="utf-8") == "earlier"
    assert os.listdir(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("name", ["scores", "scores.txt", "scores.csv.gz"])
def test_an_ending_without_a_format_is_refused(name):
    with pytest.raises(ArgumentError, match=r"expected \.csv, \.jsonl or \.parquet"):
        format_of(Path(name))


def test_what_is_written_is_read_as_a_table_too():
    assert {".csv", ".jsonl", ".ndjson", ".parquet"} <= set(TABLE_ENDINGS)
    assert format_of(Path("scores.CSV")) == "csv"
