import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sugrm.data import import_features
from sugrm.errors import DataError
from sugrm.types import Split
from tests.sugrm.data.tables.tables import (
    EXPECTED,
    ROWS,
    csv_of,
    read,
    save_dataset,
    texts_of,
)


def of_split(name):
    return [
        {key: value for key, value in row.items() if key != "split"}
        for row in ROWS
        if row["split"] == name
    ]


def save_dict(folder, names=("train", "dev", "test")):
    for name in names:
        save_dataset(folder / name, of_split(name) or of_split("train"))
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(names)}))
    return folder


def refused(path):
    with pytest.raises(DataError) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize("shards", [1, 2])
def test_a_saved_dataset_with_a_column_of_splits_is_read(tmp_path, shards):
    content, findings = read(save_dataset(tmp_path / "saved", ROWS, shards=shards))
    assert {split: sorted(rows) for split, rows in texts_of(content).items()} == EXPECTED
    assert findings.layout == "Hugging Face Dataset"


def test_a_saved_dictionary_of_datasets_is_read_by_the_names_of_its_splits(tmp_path):
    content, findings = read(save_dict(tmp_path / "saved"))
    assert texts_of(content) == EXPECTED
    assert (findings.layout, findings.remarks) == ("Hugging Face DatasetDict", [])


def test_a_split_that_is_none_of_the_three_is_left_out_and_said(tmp_path):
    folder = save_dict(tmp_path / "saved", ("train", "dev", "test", "unsupervised"))
    content, findings = read(folder)
    assert texts_of(content) == EXPECTED
    assert findings.remarks == ["the split unsupervised is not read"]


def test_class_labels_are_refused_with_their_names(tmp_path):
    feature = {"_type": "ClassLabel", "names": ["neg", "pos"]}
    metadata = {"huggingface": json.dumps({"info": {"features": {"label": feature}}})}
    rows = [{**row, "label": place % 2} for place, row in enumerate(ROWS)]
    shown = refused(save_dataset(tmp_path / "saved", rows, metadata=metadata))
    assert "whole numbers from 0 to 1 alone (the classes neg, pos)" in shown


@pytest.mark.parametrize(
    "names", [("train.csv", "dev.csv", "test.csv"), ("TRAIN", "validation.tsv", "testing.data")]
)
def test_a_folder_of_tables_is_read_by_their_names(tmp_path, names):
    for name, split in zip(names, ("train", "dev", "test"), strict=True):
        (tmp_path / name).write_text(csv_of(of_split(split)))
    (tmp_path / "README.md").write_text("about")
    content, findings = read(tmp_path)
    assert texts_of(content) == EXPECTED
    assert findings.layout == "folder of tables"


def test_the_parts_of_a_split_are_joined(tmp_path):
    for split in ("train", "dev", "test"):
        rows = of_split(split)
        for number, row in enumerate(rows):
            name = f"{split}-{number:05d}-of-{len(rows):05d}.parquet"
            pq.write_table(pa.Table.from_pylist([row]), tmp_path / name)
    assert texts_of(read(tmp_path)[0]) == EXPECTED


def test_the_labels_of_one_small_split_are_no_scale(tmp_path):
    """Whole positive labels in one table alone, but negative ones in another."""
    for split, labels in (("train", [1, -2]), ("valid", [1, 2]), ("test", [0, 3])):
        rows = [{"text": "a", "label": label} for label in labels]
        (tmp_path / f"{split}.csv").write_text(csv_of(rows))
    content, _ = read(tmp_path)
    assert content.splits[Split.TEST].labels.tolist() == [0, 3]
    assert content.splits[Split.TEST].ids == ["5", "6"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["train.csv", "test.csv"], "this folder has no table for valid, only test.csv, train.csv"),
        (
            ["train.csv", "train.tsv", "dev.csv", "test.csv"],
            "train.csv, train.tsv could all be the train split; keep one of them",
        ),
        ([], "this folder has no table for train, valid, test, only nothing"),
    ],
)
def test_a_folder_that_is_unclear_is_refused(tmp_path, files, said):
    for name in files:
        (tmp_path / name).write_text(csv_of(of_split("test")))
    shown = refused(tmp_path)
    assert said in shown
    assert "\n" not in shown


@pytest.mark.parametrize(
    "state",
    [
        "",
        "[]",
        "{}",
        '{"_data_files": []}',
        '{"_data_files": [{"filename": "../other/data.arrow"}]}',
        '{"_data_files": [{"filename": ".."}]}',
        '{"_data_files": [{"filename": 7}]}',
        '{"_data_files": [7]}',
    ],
)
def test_a_state_that_datasets_does_not_write_is_refused(tmp_path, state):
    folder = save_dataset(tmp_path / "saved", ROWS)
    (folder / "state.json").write_text(state)
    assert "save the dataset again with save_to_disk" in refused(folder)


def test_a_dataset_with_an_indices_mapping_is_refused(tmp_path):
    folder = save_dataset(tmp_path / "saved", ROWS)
    state = json.loads((folder / "state.json").read_text())
    state["_indices_data_files"] = [{"filename": "indices.arrow"}]
    (folder / "state.json").write_text(json.dumps(state))
    assert "flatten_indices()" in refused(folder)


def test_a_missing_file_of_a_dataset_is_named(tmp_path):
    folder = save_dataset(tmp_path / "saved", ROWS)
    (folder / "data-00000-of-00001.arrow").unlink()
    assert "data-00000-of-00001.arrow: cannot read the file" in refused(folder)


def test_the_fingerprint_of_a_folder_is_that_of_its_tables_by_name(tmp_path):
    one = save_dict(tmp_path / "one")
    two = save_dict(tmp_path / "two")
    (two / "train" / "cache-1.arrow").write_bytes(b"left by a map")
    first, second = (import_features(each, cache=tmp_path / "cache") for each in (one, two))
    assert first.fingerprint == second.fingerprint
    for name, other in (("dev", "swap"), ("test", "dev"), ("swap", "test")):
        (two / name).rename(two / other)
    assert import_features(two, cache=tmp_path / "cache").fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("train", "valid", "test"),
    [(["v0,0", "v1,0"], ["v2,0"], ["v2,1"]), (["v0,0"], ["v1,0", "v2,0"], ["v3,5"])],
)
def test_names_follow_from_the_ids_of_all_tables(tmp_path, train, valid, test):
    """Ids that count within a video in one table do so in all of them."""
    for name, rows in (("train", train), ("valid", valid), ("test", test)):
        lines = [f"{row},good,{place - 0.5}" for place, row in enumerate(rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["video_id,id,text,label", *lines]))
    content, _ = read(tmp_path)
    found = [content.splits[split].ids for split in Split]
    wanted = [[row.replace(",", "$_$") for row in rows] for rows in (train, valid, test)]
    assert found == wanted


def test_ids_that_are_distinct_in_all_tables_are_the_names(tmp_path):
    for place, name in enumerate(("train", "valid", "test")):
        (tmp_path / f"{name}.csv").write_text(f"video_id,id,text,label\nv,{place},good,0.5")
    content, _ = read(tmp_path)
    assert [content.splits[split].ids for split in Split] == [["0"], ["1"], ["2"]]


def test_the_order_of_the_files_is_part_of_the_fingerprint(tmp_path):
    folder = save_dataset(tmp_path / "saved", ROWS, shards=2)

    def fingerprint():
        return import_features(folder, cache=tmp_path / "cache").fingerprint

    first, state = fingerprint(), json.loads((folder / "state.json").read_text())
    orders = {"same": state["_data_files"], "reversed": state["_data_files"][::-1]}
    orders["twice"] = [*state["_data_files"], state["_data_files"][1]]
    found = {}
    for name, files in orders.items():
        (folder / "state.json").write_text(json.dumps({**state, "_data_files": files, "x": 1}))
        found[name] = fingerprint()
    assert found["same"] == first
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("named", ["folder", "file"])
def test_a_folder_that_cannot_be_read_is_one_message(tmp_path, monkeypatch, named):
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "train.csv").write_text("text,label")

    def refuse(path, *arguments, **options):
        if path == folder or path.parent == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return genuine(path, *arguments, **options)

    changed = "iterdir" if named == "folder" else "stat"
    genuine = getattr(Path, changed)
    monkeypatch.setattr(Path, changed, refuse)
    monkeypatch.setattr(Path, "exists", lambda path: bool(path.stat()))
    with pytest.raises(DataError, match=r"closed.*\(Permission denied\)") as caught:
        import_features(folder if named == "folder" else folder / "train.csv")
    assert "\n" not in str(caught.value)
