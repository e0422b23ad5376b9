"""Files to score: the batches are those of training, labels and splits may be missing."""

import pickle

import pytest

from sugrm import resolve
from sugrm.config import SyntheticConfig
from sugrm.data import Reading, import_features, read_inputs, write_synthetic_pickle
from sugrm.training.checkpoints.contract import contract_of
from sugrm.types import Split
from tests.sugrm.data.inputs.inputs import batch_of, check_same, expected_of

LABELS = ("regression_labels", "labels", "label")
SIZES = SyntheticConfig(train=8, valid=4, test=5, audio_length=6, vision_length=4)


def without_labels(tree, *keys):
    """Return the split test alone of a tree of dicts, without its labels and ``keys``."""
    return {"test": {k: v for k, v in tree["test"].items() if k not in (*LABELS, *keys)}}


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory):
    """Return the tree of a synthetic file, and its corpus."""
    folder = tmp_path_factory.mktemp("synthetic")
    write_synthetic_pickle(folder / "all.pkl", SIZES)
    corpus = import_features(folder / "all.pkl", cache=folder / "cache")
    return pickle.loads((folder / "all.pkl").read_bytes()), corpus


@pytest.mark.parametrize("padded", [False, True])
def test_the_batches_of_a_file_are_those_of_training(synthetic, save, tmp_path, padded):
    tree, corpus = synthetic
    expected = expected_of(corpus)
    for split in Split:
        wanted = batch_of(corpus, split, padded=padded)
        found = read_inputs(save(tree), expected, cache=tmp_path)
        check_same(batch_of(found, split, padded=padded), wanted, has_labels=True)
    alone = read_inputs(save(without_labels(tree)), expected, cache=tmp_path)
    assert list(alone.splits) == [Split.TEST]
    assert alone.splits[Split.TEST].ids == corpus.splits[Split.TEST].ids
    check_same(batch_of(alone, padded=padded), batch_of(corpus, padded=padded))


def test_stored_ids_are_read_as_in_training(save, tree, tmp_path):
    corpus = import_features(save(tree), cache=tmp_path)
    path = save(without_labels(tree))
    reads = read_inputs(path, expected_of(corpus, stored_ids=True), cache=tmp_path)
    check_same(batch_of(reads, stored_ids=True), batch_of(corpus, stored_ids=True))
    assert batch_of(reads, stored_ids=True).segment_ids is not None
    words = read_inputs(path, expected_of(corpus), cache=tmp_path)
    check_same(batch_of(words), batch_of(corpus))


def test_an_aligned_file_keeps_the_lengths_of_its_tokens(save, aligned_tree, tmp_path):
    aligned_tree["test"]["audio"][0, 1:] = 0
    corpus = import_features(save(aligned_tree), Reading(alignment="aligned"), cache=tmp_path)
    found = read_inputs(
        save(without_labels(aligned_tree)), expected_of(corpus), cache=tmp_path / "inputs"
    )
    check_same(batch_of(found), batch_of(corpus))
    assert batch_of(found).audio_lengths.tolist() == [3, 3]


def test_the_contract_of_a_model_says_what_it_expects(save, tree, tmp_path):
    for entries in tree.values():
        del entries["audio_lengths"], entries["vision_lengths"]
    corpus = import_features(
        save(tree), Reading(lengths="detected", text="words"), cache=tmp_path / "cache"
    )
    expected = contract_of(resolve({"model": {"text": {"name": "tiny"}}}), corpus).expected()
    assert expected == expected_of(corpus, lengths="detected", text_source="words")
    found = read_inputs(save(without_labels(tree)), expected, cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))
