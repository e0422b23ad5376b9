"""The utterances of a run's corpora, on a folder and on an object store."""

import pytest

from reports.ledger.places.storage import place, write_whole
from reports.ledger.reading.load import load_results
from search.ledger import Ledger, record_utterances
from sugrm.config import SyntheticConfig
from sugrm.data import write_synthetic


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
