"""The utterances of a run's corpora, on a folder and on an object store."""

import pickle

import numpy as np
import pytest

from reports.ledger.places.storage import place, write_whole
from reports.ledger.reading.load import load_results
from search.ledger import Ledger, record_utterances
from sugrm.config import SyntheticConfig
from sugrm.data import load_dataset, write_synthetic
from sugrm.data.loading import import_features
from sugrm.data.reading.options import Reading


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    """Two corpora of 9 + 5 + 4 utterances, each with a fingerprint of its own."""
    sizes = {"train": 9, "valid": 5, "test": 4, "audio_length": 4, "vision_length": 4}
    cache = tmp_path_factory.mktemp("cache")
    return [write_synthetic(SyntheticConfig(**sizes, seed=seed), cache=cache) for seed in (1, 2)]


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    if request.param == "local":
        (tmp_path / "run").mkdir()
        return tmp_path / "run"
    return place(request.getfixturevalue("s3")) / "run"


def record(folder, *corpora):
    return record_utterances(folder, [corpus.folder for corpus in corpora])


def read(folder):
    Ledger(folder)
    write_whole(
        folder / "experiment.json", b'{"versions": [{"space": {}, "started_at": "2026-01-02"}]}'
    )
    return load_results(folder).utterances()


def parts(folder):
    return {path.name: path.read_bytes() for path in (folder / "utterances").glob("*")}


def test_every_utterance_of_every_split_is_recorded(folder, corpora):
    first, second = corpora
    assert record(folder, first, second) == []
    rows = read(folder).to_pylist()
    assert len(rows) == 2 * 18
    for corpus in corpora:
        for split, utterances in corpus.splits.items():
            found = [
                row
                for row in rows
                if row["data_fingerprint"] == corpus.fingerprint and row["split"] == split
            ]
            assert [row["position"] for row in found] == list(range(len(utterances)))
            assert [row["id"] for row in found] == utterances.ids
            assert [row["text"] for row in found] == utterances.raw_text
            assert [row["label"] for row in found] == utterances.labels.tolist()
            assert {row["alignment"] for row in found} == {corpus.alignment}


def test_a_corpus_is_written_once_and_a_new_one_beside_it(folder, corpora):
    first, second = corpora
    record(folder, first)
    before = parts(folder)
    assert record(folder, first) == []
    assert parts(folder) == before
    record(folder, first, second)
    after = parts(folder)
    assert len(after) == 2
    assert before.items() <= after.items()


def test_a_part_cut_short_is_set_aside_and_written_again(folder, corpora):
    first, _ = corpora
    record(folder, first)
    ((name, content),) = parts(folder).items()
    write_whole(folder / "utterances" / name, content[:-20])
    (line,) = record(folder, first)
    assert f"utterances/{name} cannot be read" in line
    assert line.endswith("and utterances of the data of this command are written again")
    assert (folder / "damaged" / "utterances" / name).is_file()
    assert parts(folder) == {name: content}


def test_what_a_kill_left_half_written_is_removed(folder, corpora):
    first, second = corpora
    record(folder, first)
    write_whole(folder / "utterances" / "x.parquet.tmp", b"half")
    record(folder, first, second)
    assert len(parts(folder)) == 2
    assert read(folder).num_rows == 36


def test_opening_the_ledger_leaves_them_alone(folder, corpora):
    """They belong to no trial; rows without one are dropped from the other tables."""
    record(folder, corpora[0])
    before = parts(folder)
    assert Ledger(folder).warnings == ()
    assert parts(folder) == before


def test_human_labels_of_each_modality_are_recorded_where_there_is_a_stream(tmp_path):
    path, cache = tmp_path / "file.pkl", tmp_path / "cache"
    path.write_bytes(pickle.dumps({split: labelled(split) for split in ("train", "valid", "test")}))
    corpus = import_features(path, Reading(dataset=load_dataset("sims")), cache=cache)
    (tmp_path / "run").mkdir()
    record(tmp_path / "run", corpus)
    rows = [row for row in read(tmp_path / "run").to_pylist() if row["split"] == "train"]
    assert [row["label_T"] for row in rows] == pytest.approx([0.2, -0.4])
    assert [row["label_A"] for row in rows] == [pytest.approx(0.6), None]
    assert [row["label_V"] for row in rows] == [None, None]


def labelled(split):
    """Return a split of two utterances with labels of text and audio; the second has no audio."""
    streams = {name: np.ones((2, 3, 4), np.float32) for name in ("text", "audio", "vision")}
    streams["audio"][1] = 0
    return {
        **streams,
        "audio_lengths": [3, 0],
        "vision_lengths": [3, 3],
        "raw_text": np.array(["yes", "no"]),
        "id": np.array([f"{split}a", f"{split}b"]),
        "regression_labels": np.array([0.0, 0.4], np.float32),
        "regression_labels_T": np.array([0.2, -0.4], np.float32),
        "regression_labels_A": np.array([0.6, 1.0], np.float32),
    }


def test_what_a_synthetic_corpus_was_made_from_is_no_human_label(folder, corpora):
    record(folder, corpora[0])
    for row in read(folder).to_pylist():
        assert (row["label_T"], row["label_A"], row["label_V"]) == (None, None, None)
