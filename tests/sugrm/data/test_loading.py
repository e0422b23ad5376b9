import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import sugrm.data.loading as loading
from sugrm.config.sections.data import DataConfig, SyntheticConfig
from sugrm.data import (
    Corpus,
    Reading,
    import_features,
    load_corpus,
    load_dataset,
    write_synthetic,
)
from sugrm.errors import ArgumentError, DataError
from sugrm.types import Modality, Split


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def mosi(path):
    return DataConfig(dataset="mosi", unaligned=str(path))


def test_a_pickle_is_converted_once(save, tree, cache, monkeypatch):
    path = save(tree)
    first = load_corpus(mosi(path), "unaligned", cache=cache)
    monkeypatch.setattr(loading, "read_features", None)  # a second reading would fail
    second = load_corpus(mosi(path), "unaligned", cache=cache)
    assert first.folder == second.folder == cache / first.fingerprint
    assert (second.name, second.alignment) == ("mosi", "unaligned")
    assert (second.audio_width, second.vision_width, second.text_width) == (2, 3, None)
    assert second.has_token_ids
    assert second.padded_lengths == {Modality.TEXT: 4, Modality.AUDIO: 6, Modality.VISION: 5}


def test_utterances_give_what_the_file_holds(save, tree, cache):
    corpus = import_features(save(tree), cache=cache)
    assert corpus.name == "features"
    train, entries = corpus.splits[Split.TRAIN], tree["train"]
    assert len(train) == 3
    assert train.ids == entries["id"].tolist()
    assert train.raw_text == ["GOOD"] * 3
    np.testing.assert_array_equal(train.labels, entries["regression_labels"])
    np.testing.assert_array_equal(train.audio(0), entries["audio"][0, :4])
    np.testing.assert_array_equal(train.vision(1), entries["vision"][1, :2])
    assert train.token_ids(2).tolist() == [101, 2204, 102]
    assert train.segment_ids(2).tolist() == [0, 0, 0]
    assert train.text(0) is None
    assert train.true_sentiment(Modality.TEXT) is None


def test_a_corpus_pickles_as_its_folder(save, tree, cache):
    corpus = load_corpus(mosi(save(tree)), "unaligned", cache=cache)
    sent = pickle.dumps(corpus)
    assert len(sent) < 1000
    received = pickle.loads(sent)
    assert (received.name, received.fingerprint) == ("mosi", corpus.fingerprint)
    np.testing.assert_array_equal(received.splits[Split.TEST].audio(1), tree["test"]["audio"][1])


def test_a_corpus_has_the_dataset_that_it_is_opened_as(save, tree, cache):
    corpus = load_corpus(mosi(save(tree)), "unaligned", cache=cache)
    assert corpus.dataset == Corpus.open(corpus.folder).dataset == load_dataset("mosi")
    sims = Corpus.open(corpus.folder, "sims")
    assert (sims.name, sims.dataset.label_bound) == ("sims", 1)
    own = Corpus.open(corpus.folder, {"name": "own", "label_bound": 2.0, "metrics": "regression"})
    assert pickle.loads(pickle.dumps(own)).dataset == own.dataset
    assert own.fingerprint == sims.fingerprint == corpus.fingerprint
    with pytest.raises(ArgumentError, match=r"dataset 'smis' is unknown"):
        Corpus.open(corpus.folder, "smis")


def test_an_imported_file_counts_as_the_dataset_that_its_name_names_else_as_like_mosi(
    save, tree, cache
):
    for entries in tree.values():
        entries["regression_labels"] = entries["regression_labels"] / 3
    sims = import_features(save(tree, "sims.pkl"), cache=cache)
    assert sims.dataset == load_dataset("sims")
    own = import_features(save(tree, "my own (2).pkl"), cache=cache / "own")
    assert (own.name, own.dataset.title, own.dataset.splits) == ("my own (2)", "my own (2)", {})
    assert (own.dataset.label_bound, own.dataset.metrics) == (3, "mosi")
    assert pickle.loads(pickle.dumps(own)).dataset == own.dataset == Corpus.open(own.folder).dataset
    named = import_features(save(tree), Reading(dataset=load_dataset("simsv2")), cache=cache)
    assert named.dataset == load_dataset("simsv2")


def test_repairs_and_absent_streams_are_remembered(save, tree, cache):
    tree["train"]["audio"][0, 0, 0] = -np.inf
    for entries in tree.values():
        entries["vision"][:] = 0
    folder = import_features(save(tree), cache=cache).folder
    notes = Corpus.open(folder).notes
    assert notes.repaired[Split.TRAIN] == {Modality.AUDIO: 1, Modality.VISION: 0}
    assert notes.absent == (Modality.VISION,)
    assert notes.absent_utterances[Split.TEST][Modality.VISION] == 2


def test_the_fingerprint_follows_content_and_alignment_not_the_path(save, tree, cache):
    for entries in tree.values():  # readable both ways: equally many steps
        for stream in ("audio", "vision"):
            entries[stream] = entries[stream][:, :4]
            entries[stream][:, 1:] = 0
            entries[f"{stream}_lengths"] = [1] * len(entries["id"])
    one = import_features(save(tree, "one.pkl"), cache=cache)
    two = import_features(save(tree, "two.pkl"), cache=cache)
    aligned = import_features(save(tree, "one.pkl"), Reading(alignment="aligned"), cache=cache)
    tree["test"]["regression_labels"][0] = 0.5
    changed = import_features(save(tree, "one.pkl"), cache=cache)
    assert one.fingerprint == two.fingerprint
    assert len({one.fingerprint, aligned.fingerprint, changed.fingerprint}) == 3


def test_conversions_at_the_same_time_end_in_one_whole_folder(save, tree, cache, monkeypatch):
    path, meeting, read = save(tree), threading.Barrier(2), loading.read_features

    def read_together(*arguments, **options):
        content = read(*arguments, **options)
        meeting.wait(timeout=20)  # both have seen that there is no folder yet
        return content

    monkeypatch.setattr(loading, "read_features", read_together)
    corpora = []
    threads = [
        threading.Thread(target=lambda: corpora.append(import_features(path, cache=cache)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({corpus.folder for corpus in corpora}) == 1
    assert len(corpora) == 2
    assert sorted(entry.name for entry in cache.iterdir()) == sorted(
        [corpora[0].fingerprint, "digests", "readings"]
    )


def test_a_refused_file_leaves_nothing_behind(save, tree, cache):
    del tree["valid"]
    before = sorted(cache.rglob("*"))
    with pytest.raises(DataError, match="1 problem in the feature file"):
        import_features(save(tree), cache=cache)
    assert sorted(cache.rglob("*")) == before


def test_the_cache_folder_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "mine"))
    assert write_synthetic(SyntheticConfig()).folder.parent == tmp_path / "mine"


def test_a_missing_path_of_an_alignment_is_named(cache):
    with pytest.raises(DataError) as caught:
        load_corpus(mosi("somewhere.pkl"), "aligned", cache=cache)
    assert str(caught.value) == (
        "data.aligned is missing: an experiment on aligned mosi needs its feature file; "
        "set data.aligned to its path, or run with --data aligned=PATH"
    )


def test_a_missing_file_is_named(tmp_path, cache):
    path = tmp_path / "absent.pkl"
    with pytest.raises(DataError) as caught:
        load_corpus(mosi(path), "unaligned", cache=cache)
    assert str(caught.value) == (
        f"{path}: cannot read the data file (No such file or directory); expected a feature file "
        "or a table: check the path (a run takes it from --data or from the space's section data)"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("data/unaligned_5.pkl", "data/unaligned_50.pkl"),
        ("dta/unaligned_50.pkl", None),
        ("dta/aligned_50.pkl", "aligned_50.pkl"),
        ("data/something.pkl", None),
    ],
)
def test_a_file_with_a_similar_name_is_suggested(tmp_path, cache, monkeypatch, typed, meant):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "unaligned_50.pkl").touch()
    (tmp_path / "aligned_50.pkl").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        load_corpus(mosi(Path(typed)), "unaligned", cache=cache)
    _, _, question = str(caught.value).partition("; did you mean ")
    assert question == (f"{meant}?" if meant else "")


def test_a_folder_in_place_of_a_file_is_named(tmp_path, cache):
    with pytest.raises(DataError, match=r"this folder has no table for train, valid, test, only"):
        import_features(tmp_path, cache=cache)


def test_a_cache_that_cannot_be_written_is_named(save, tree, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    with pytest.raises(DataError, match=r"blocked: cannot write the corpus cache .*SUGRM_CACHE"):
        import_features(save(tree), cache=blocked)


def test_an_unknown_alignment_is_named(cache):
    with pytest.raises(DataError, match="alignment is 'askew'; expected unaligned or aligned"):
        load_corpus(DataConfig(dataset="synthetic"), "askew", cache=cache)


@pytest.mark.slow
def test_reading_data_does_not_load_pytorch():
    """It takes more than a second, which ``data inspect`` would wait for."""
    program = "import sys, sugrm.data; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
