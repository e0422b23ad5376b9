"""Files to score: the batches are those of training, labels and splits may be missing."""

import io
import pickle

import numpy as np
import pytest

from sugrm import resolve
from sugrm.config import SyntheticConfig
from sugrm.data import (
    Reading,
    describe,
    id_warnings,
    import_features,
    load_dataset,
    read_inputs,
    reading_remarks,
    write_synthetic_pickle,
)
from sugrm.errors import ArgumentError, DataError
from sugrm.training.checkpoints.contract import contract_of
from sugrm.types import Modality, Split
from tests.sugrm.data.formats.test_mult import split_of
from tests.sugrm.data.formats.test_word_tuples import utterance
from tests.sugrm.data.inputs.inputs import batch_of, check_same, expected_of
from tests.sugrm.data.tables.tables import csv_of

LABELS = ("regression_labels", "labels")
SIZES = SyntheticConfig(train=8, valid=4, test=5, audio_length=6, vision_length=4)


def test_part(tree, *keys):
    """Return the split test alone of a tree of dicts, without its labels and ``keys``."""
    return {"test": {k: v for k, v in tree["test"].items() if k not in (*LABELS, *keys)}}


test_part.__test__ = False


def refused(files, expected, folder):
    with pytest.raises(DataError) as caught:
        read_inputs(files, expected, cache=folder / "refused")
    assert not (folder / "refused").exists()
    return str(caught.value)


@pytest.fixture
def corpus(save, tree, tmp_path):
    return import_features(save(tree), cache=tmp_path / "cache")


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
    found = read_inputs(save(tree), expected, cache=tmp_path)
    for split in Split:
        wanted = batch_of(corpus, split, padded=padded)
        check_same(batch_of(found, split, padded=padded), wanted, has_labels=True)
    alone = read_inputs(save(test_part(tree)), expected, cache=tmp_path)
    assert list(alone.splits) == [Split.TEST]
    assert alone.splits[Split.TEST].ids == corpus.splits[Split.TEST].ids
    check_same(batch_of(alone, padded=padded), batch_of(corpus, padded=padded))


def test_a_shorter_array_is_padded_as_in_training(save, tree, corpus, tmp_path):
    """Of the padded file's test split, the last steps of audio are cut off: none is real."""
    part = test_part(tree)
    part["test"]["audio"] = part["test"]["audio"].copy()
    part["test"]["audio"][1, 5:], part["test"]["audio_lengths"] = 0, [4, 5]
    part["test"]["audio"] = part["test"]["audio"][:, :5]
    found = read_inputs(save(part), expected_of(corpus), cache=tmp_path)
    assert batch_of(found, padded=True).audio.shape == batch_of(corpus, padded=True).audio.shape


def test_stored_ids_are_read_as_in_training(save, tree, corpus, tmp_path):
    path = save(test_part(tree))
    reads = read_inputs(path, expected_of(corpus, stored_ids=True), cache=tmp_path)
    check_same(batch_of(reads, stored_ids=True), batch_of(corpus, stored_ids=True))
    assert batch_of(reads, stored_ids=True).segment_ids is not None
    words = read_inputs(path, expected_of(corpus), cache=tmp_path)
    check_same(batch_of(words), batch_of(corpus))


def test_stored_ids_that_are_too_many_are_not_read(save, tree, corpus, tmp_path):
    expected = expected_of(corpus, stored_ids=True, padded_lengths={Modality.TEXT: 2})
    found = read_inputs(save(tree), expected, cache=tmp_path)
    assert not found.has_token_ids
    for entries in tree.values():
        del entries["raw_text"]
    assert "only token ids, more than 2 in an utterance" in refused(save(tree), expected, tmp_path)


def test_ids_of_another_vocabulary_give_way_to_the_words(save, tree, corpus, tmp_path):
    part = test_part(tree)
    part["test"]["text_bert"] = part["test"]["text_bert"] * 7
    part["test"]["text_bert"][:, 1:] /= 7
    found = read_inputs(save(part), expected_of(corpus, stored_ids=True), cache=tmp_path)
    assert not found.has_token_ids
    assert any("another vocabulary" in each for each in found.notes.remarks)


def test_an_aligned_file_keeps_the_lengths_of_its_tokens(save, aligned_tree, tmp_path):
    aligned_tree["test"]["audio"][0, 1:] = 0
    corpus = import_features(save(aligned_tree), Reading(alignment="aligned"), cache=tmp_path)
    found = read_inputs(save(test_part(aligned_tree)), expected_of(corpus), cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))
    assert batch_of(found).audio_lengths.tolist() == [3, 3]


@pytest.mark.parametrize("alignment", ["unaligned", "aligned"])
def test_a_file_of_mult(save, tmp_path, alignment):
    steps = {"vision": (9, 20), "audio": (9, 5), "text": (9, 30)}
    tree = {name: split_of(count, steps) for name, count in (("train", 4), ("valid", 2))}
    tree["test"] = split_of(3, steps)
    corpus = import_features(save(tree), Reading(alignment=alignment), cache=tmp_path / "cache")
    found = read_inputs(save(test_part(tree)), expected_of(corpus), cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))
    unnamed = read_inputs(save(test_part(tree, "id")), expected_of(corpus), cache=tmp_path)
    assert unnamed.splits[Split.TEST].ids == ["test_0", "test_1", "test_2"]


@pytest.fixture
def tuples():
    random = np.random.default_rng(0)
    sizes = {"train": 6, "dev": 3, "test": 4}
    return {name: [utterance(random, row) for row in range(n)] for name, n in sizes.items()}


@pytest.mark.parametrize("alignment", ["unaligned", "aligned"])
def test_word_tuples_without_labels(save, tuples, tmp_path, alignment):
    corpus = import_features(save(tuples), Reading(alignment=alignment), cache=tmp_path / "cache")
    expected = expected_of(corpus, follows_words=alignment == "aligned")
    rows = [(inner, None, segment) for inner, _, segment in tuples["test"]]
    for tree in ({"test": rows}, rows):
        found = read_inputs(save(tree), expected, cache=tmp_path)
        check_same(batch_of(found), batch_of(corpus))
        assert found.splits[Split.TEST].ids == corpus.splits[Split.TEST].ids


def test_word_tuples_in_a_folder_with_one_split(tuples, tmp_path):
    for name, rows in tuples.items():
        (tmp_path / f"{name}.pkl").write_bytes(pickle.dumps(rows))
    corpus = import_features(tmp_path, cache=tmp_path / "cache")
    (tmp_path / "train.pkl").unlink()
    (tmp_path / "dev.pkl").unlink()
    found = read_inputs(tmp_path, expected_of(corpus), cache=tmp_path / "inputs")
    check_same(batch_of(found), batch_of(corpus), has_labels=True)


def test_word_tuples_may_lack_names_and_some_labels(save, tuples, tmp_path):
    corpus = import_features(save(tuples), cache=tmp_path / "cache")
    rows = [
        (inner, label if n else None, None) for n, (inner, label, _) in enumerate(tuples["dev"])
    ]
    found = read_inputs(save({"val": rows}), expected_of(corpus), cache=tmp_path)
    utterances = found.splits[Split.VALID]
    assert utterances.ids == ["1", "2", "3"]
    known = corpus.splits[Split.VALID].labels.tolist()
    assert utterances.labels.tolist() == pytest.approx([np.nan, *known[1:]], nan_ok=True)


def test_one_file_for_each_modality(tmp_path):
    frames = {f"v{row}$_$1": np.full((row + 2, 2), row + 1.0) for row in range(4)}
    files = {"text": tmp_path / "label.csv", "audio": tmp_path / "audio.npz"}
    np.savez(files["audio"], **frames)
    files["text"].write_text(csv_of())
    corpus = import_features(files, cache=tmp_path / "cache")
    files["text"].write_text('id,text\nv3$_$1,"first\nsecond"\n')
    found = read_inputs(files, expected_of(corpus), cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))


def test_frames_alone_for_a_model_without_text(tmp_path, corpus):
    expected = expected_of(corpus, streams=(Modality.AUDIO, Modality.VISION))
    np.savez(tmp_path / "a.npz", one=np.ones((3, 2)), two=np.ones((2, 2)))
    np.savez(tmp_path / "v.npz", two=np.ones((2, 3)), three=np.ones((1, 3)))
    files = {"audio": tmp_path / "a.npz", "vision": tmp_path / "v.npz"}
    found = read_inputs(files, expected, cache=tmp_path)
    utterances = found.splits[Split.TEST]
    assert utterances.ids == ["one", "two", "three"]
    assert [len(utterances.audio(row)) for row in range(3)] == [3, 2, 0]
    assert [len(utterances.vision(row)) for row in range(3)] == [0, 2, 1]
    assert np.isnan(utterances.labels).all()
    assert "audio: 1 of 3 utterances have no frames in a.npz" in found.notes.remarks[0]


def test_frames_alone_keep_the_splits_that_a_file_names(save, tmp_path, corpus):
    expected = expected_of(corpus, streams=(Modality.AUDIO,))
    tree = {"dev": {"a": np.ones((2, 2))}, "test": {"b": np.ones((1, 2)), "c": np.ones((4, 2))}}
    found = read_inputs({"audio": save(tree)}, expected, cache=tmp_path)
    assert {split: each.ids for split, each in found.splits.items()} == {
        "valid": ["a"],
        "test": ["b", "c"],
    }


def test_frames_alone_are_no_words(tmp_path, corpus):
    np.savez(tmp_path / "a.npz", one=np.ones((3, 2)))
    message = refused({"audio": tmp_path / "a.npz"}, expected_of(corpus), tmp_path)
    assert message.startswith(f"{tmp_path / 'a.npz'}: 1 problem in the input\n")
    assert "text: got no text, expected words, which the model reads" in message


def test_a_file_that_is_one_split(save, tree, corpus, tmp_path):
    found = read_inputs(save(tree["test"]), expected_of(corpus), cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus), has_labels=True)


def test_rows_without_ids_are_numbered(save, tree, corpus, tmp_path):
    found = read_inputs(save(test_part(tree, "id")), expected_of(corpus), cache=tmp_path)
    assert found.splits[Split.TEST].ids == ["1", "2"]


def test_repeated_ids_get_distinct_names(save, tree, corpus, tmp_path):
    tree["test"]["id"] = ["same", "same"]
    found = read_inputs(save(test_part(tree)), expected_of(corpus), cache=tmp_path)
    assert found.splits[Split.TEST].ids == ["same", "same#2"]
    assert found.notes.renamed[Split.TEST] == ("same#2",)
    assert "distinct names, as 'same#2', beside their scores" in id_warnings(found)[0]


UNUSABLE = {
    "beyond the range": [9.0, 1.0],
    "texts": ["good", "bad"],
    "two columns": np.ones((2, 2)),
}


@pytest.mark.parametrize("labels", UNUSABLE.values(), ids=UNUSABLE)
def test_labels_that_cannot_be_used_are_left_out(save, tree, corpus, tmp_path, labels):
    part = test_part(tree)
    part["test"]["regression_labels"] = labels
    found = read_inputs(save(part), expected_of(corpus), cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))
    assert any("regression_labels is not read: got" in each for each in found.notes.remarks)


def test_some_labels_may_be_missing(save, tree, corpus, tmp_path):
    tree["test"]["regression_labels"] = np.array([np.nan, 1.5])
    found = read_inputs(save({"test": tree["test"]}), expected_of(corpus), cache=tmp_path)
    assert found.splits[Split.TEST].labels.tolist() == pytest.approx([np.nan, 1.5], nan_ok=True)


def test_an_absent_stream_has_the_width_of_training_and_is_said(save, tree, corpus, tmp_path):
    part = test_part(tree, "vision", "vision_lengths")
    found = read_inputs(save(part), expected_of(corpus), cache=tmp_path)
    assert found.vision_width == 3
    assert found.notes.absent == (Modality.VISION,)
    assert "vision: the input has none, so the stream is absent" in found.notes.remarks[0]
    batch = batch_of(found)
    assert (batch.vision.shape, batch.vision_lengths.tolist()) == ((2, 1, 3), [0, 0])
    assert (batch.audio == batch_of(corpus).audio).all()


@pytest.mark.parametrize("width", [3, 35])
def test_a_stream_of_zeros_is_absent_whatever_its_width(save, tree, corpus, tmp_path, width):
    part = test_part(tree)
    part["test"]["vision"] = np.zeros((*part["test"]["vision"].shape[:2], width), np.float32)
    found = read_inputs(save(part), expected_of(corpus), cache=tmp_path)
    assert found.vision_width == 3
    assert found.notes.absent == (Modality.VISION,)
    zeros = "vision: every frame is zero, so the stream is absent in every utterance"
    assert found.notes.remarks == (zeros,)
    assert batch_of(found).vision_lengths.tolist() == [0, 0]


def test_zeros_alone_are_nothing_to_score(save, tree, corpus, tmp_path):
    expected = expected_of(corpus, streams=(Modality.AUDIO, Modality.VISION))
    for name in ("audio", "vision"):
        tree["test"][name] = np.zeros_like(tree["test"][name])
    message = refused(save({"test": tree["test"]}), expected, tmp_path)
    assert "got zeros alone in audio and vision, expected audio or vision" in message


def test_text_features_of_zeros_are_read_as_they_are(save, tree, tmp_path):
    for entries in tree.values():
        entries["text"] = np.ones((len(entries["id"]), 4, 7), np.float32)
    corpus = import_features(save(tree), Reading(text="features"), cache=tmp_path / "cache")
    tree["test"]["text"] = np.zeros_like(tree["test"]["text"])
    found = read_inputs(save(test_part(tree)), expected_of(corpus), cache=tmp_path)
    assert found.notes.remarks == ()
    assert not batch_of(found).text_features.any()


def test_widths_that_differ_are_named_together(save, tree, corpus, tmp_path):
    expected = expected_of(corpus, widths={Modality.AUDIO: 74, Modality.VISION: 35})
    lines = refused(save(tree), expected, tmp_path).splitlines()
    assert lines[0].endswith("features.pkl: 2 problems in the feature file")
    trained = "the width that the model was trained on"
    assert lines[1].strip() == f"audio: got features 2 wide, expected 74, {trained}"
    assert lines[2].strip().startswith(f"vision: got features 3 wide, expected 35, {trained}; ")


def test_a_width_that_differs_is_named_with_the_file_of_its_stream(corpus, tmp_path):
    files = {name: tmp_path / f"{name}.npz" for name in ("audio", "vision")}
    for path in files.values():
        np.savez(path, a=np.ones((2, 6)))
    files["text"] = tmp_path / "t.csv"
    files["text"].write_text("id,text\na,good\n")
    alone = {name: files[name] for name in ("audio", "vision")}
    without_text = expected_of(corpus, streams=(Modality.AUDIO, Modality.VISION))
    for given, expected in ((files, expected_of(corpus)), (alone, without_text)):
        lines = refused(given, expected, tmp_path).splitlines()
        assert lines[0] == f"{files['audio']}: 1 problem in the file of audio"
        assert lines[1].startswith("  audio: got features 6 wide, expected 2, the width that")
        assert lines[2] == f"{files['vision']}: 1 problem in the file of vision"
        assert lines[3].startswith("  vision: got features 6 wide, expected 3, the width that")


def test_a_stream_that_the_model_does_not_read_may_have_any_width(save, tree, corpus, tmp_path):
    expected = expected_of(
        corpus,
        streams=(Modality.TEXT, Modality.AUDIO),
        widths={Modality.AUDIO: 2, Modality.VISION: 35},
    )
    found = read_inputs(save(test_part(tree)), expected, cache=tmp_path)
    assert (found.vision_width, found.notes.remarks) == (35, ())


def test_a_model_of_features_needs_them(save, tree, tmp_path):
    for entries in tree.values():
        entries["text"] = np.ones((len(entries["id"]), 4, 7), np.float32)
    corpus = import_features(save(tree), Reading(text="features"), cache=tmp_path / "cache")
    found = read_inputs(save(test_part(tree)), expected_of(corpus), cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))
    message = refused(save(test_part(tree, "text")), expected_of(corpus), tmp_path)
    assert "text: got only words, expected text features 7 wide, which the model was" in message


def test_a_model_of_words_needs_them(save, tree, corpus, tmp_path):
    part = test_part(tree, "raw_text", "text_bert")
    part["test"]["text"] = np.ones((2, 4, 7), np.float32)
    message = refused(save(part), expected_of(corpus), tmp_path)
    assert "text: got only features of the text, expected words, which the model reads" in message
    part["test"]["raw_text"] = ["good", "bad"]
    found = read_inputs(save(part), expected_of(corpus), cache=tmp_path)
    assert found.text_width is None
    message = refused(save(test_part(tree, "raw_text")), expected_of(corpus), tmp_path)
    assert "only token ids that the model does not read" in message


def test_a_model_without_text_needs_another_stream(save, tree, corpus, tmp_path):
    expected = expected_of(corpus, streams=(Modality.AUDIO,))
    keys = ("audio", "audio_lengths")
    message = refused(save(test_part(tree, *keys)), expected, tmp_path)
    assert "got vision alone, expected audio, which the model reads" in message
    found = read_inputs(save(test_part(tree, "raw_text", "text_bert")), expected, cache=tmp_path)
    assert len(found.splits[Split.TEST].audio(0)) == 4


def test_frames_for_each_word_need_as_many_words(save, aligned_tree, tmp_path):
    """A model whose frames follow the words takes a transcript apart at its spaces."""
    corpus = import_features(save(aligned_tree), Reading(alignment="aligned"), cache=tmp_path)
    expected = expected_of(corpus, follows_words=True)
    part = test_part(aligned_tree, "text_bert")
    part["test"]["raw_text"] = ["a good old film", "not so very good"]
    found = read_inputs(save(part), expected, cache=tmp_path)
    assert found.splits[Split.TEST].content.words[0] == ["a", "good", "old", "film"]
    part["test"]["raw_text"] = ["a good film", "not so very good"]
    message = refused(save(part), expected, tmp_path)
    assert "4 frames for 3 words in video$_$0 (1 such utterances)" in message


def test_a_stream_that_no_utterance_of_the_training_had_is_left_out(save, tree, corpus, tmp_path):
    """Its weights for that stream are random, so the stream is left out."""
    expected = expected_of(
        corpus, widths={Modality.AUDIO: 2, Modality.VISION: 1}, untrained=(Modality.VISION,)
    )
    found = read_inputs(save(tree), expected, cache=tmp_path)
    assert not found.splits[Split.TEST].present(Modality.VISION).any()
    assert found.splits[Split.TEST].present(Modality.AUDIO).all()
    assert found.notes.remarks[-1] == (
        "vision: left out, since no utterance of the model's training had any"
    )


def test_remarks_and_summary_of_an_input(save, tree, tmp_path):
    """Human labels of single modalities are not read, and not missed."""
    sims = load_dataset("sims")
    for entries in tree.values():
        entries["regression_labels"] /= 3
    corpus = import_features(save(tree), Reading(dataset=sims), cache=tmp_path / "cache")
    found = read_inputs(save(test_part(tree)), expected_of(corpus), cache=tmp_path)
    assert reading_remarks(found) == []
    (summary,) = describe(found)
    assert (summary.utterances, sum(summary.label_counts)) == (2, 0)
    assert np.isnan([summary.label_mean, summary.label_lowest, summary.label_highest]).all()


def test_lengths_and_text_of_training_are_in_its_contract(save, tree, tmp_path):
    for entries in tree.values():
        del entries["audio_lengths"], entries["vision_lengths"]
    corpus = import_features(
        save(tree), Reading(lengths="detected", text="words"), cache=tmp_path / "cache"
    )
    expected = contract_of(resolve({"model": {"text": {"name": "tiny"}}}), corpus).expected()
    assert expected == expected_of(corpus, lengths="detected", text_source="words")
    found = read_inputs(save(test_part(tree)), expected, cache=tmp_path)
    check_same(batch_of(found), batch_of(corpus))


BROKEN = {
    "no split": ({"fold": 1}, "got only fold, expected the splits"),
    "nothing that is read": ({"test": {"id": ["a"]}}, "got only id, expected raw_text, text_bert"),
    "no utterances": ({"test": {"raw_text": []}}, "got no utterances"),
    "no mapping": (3, "got int, expected a dict"),
    "a split of text": ({"test": "good"}, "test: got str, expected a dict of arrays"),
    "unequal rows": (
        {"test": {"raw_text": ["a", "b"], "regression_labels": [1]}},
        "got 1 rows, expected 2, as many as raw_text has",
    ),
    "Chinese": ({"test": {"raw_text": ["\u5f88\u597d"]}}, "score texts in the language"),
    "no lengths": (
        {"test": {"raw_text": ["a"], "audio": np.ones((1, 3, 2))}},
        "audio_lengths: got no such key, expected the key; add the true lengths, or have them",
    ),
}


@pytest.mark.parametrize(("broken", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_gets_one_message(save, corpus, tmp_path, broken, expected):
    assert expected in refused(save(broken), expected_of(corpus), tmp_path)


def test_a_hostile_pickle_is_not_executed(tmp_path, corpus):
    path = tmp_path / "evil.pkl"
    path.write_bytes(b"cos\nsystem\n(S'touch hacked'\ntR.")
    assert "nothing was executed" in refused(path, expected_of(corpus), tmp_path)


def test_the_cache_of_the_user_stays_empty(save, tree, corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "users"))
    found = read_inputs(save(tree), expected_of(corpus), cache=tmp_path / "inputs")
    assert not (tmp_path / "users").exists()
    assert [path.name for path in (tmp_path / "inputs").iterdir()] == [found.folder.name]


def test_two_inputs_may_share_a_cache(save, tree, corpus, tmp_path):
    one = read_inputs(save(tree), expected_of(corpus), cache=tmp_path / "inputs")
    other = read_inputs(save(test_part(tree)), expected_of(corpus), cache=tmp_path / "inputs")
    assert len(one.splits) == 3
    assert len(other.splits) == 1


@pytest.mark.parametrize("kind", ["bytes", "text", "pickle"])
def test_an_open_file_is_read(save, tree, corpus, tmp_path, kind):
    lines = '{"text": "good"}\n{"text": "bad"}\n'
    opened = {
        "bytes": lambda: io.BytesIO(lines.encode()),
        "text": lambda: io.StringIO(lines),
        "pickle": lambda: save(test_part(tree)).open("rb"),
    }
    with opened[kind]() as given:
        found = read_inputs(given, expected_of(corpus), cache=tmp_path / "inputs")
    assert len(found.splits[Split.TEST]) == 2
    assert [path.name for path in (tmp_path / "inputs").iterdir()] == [found.folder.name]


def test_an_open_file_is_called_by_its_name(corpus, tmp_path):
    given = io.BytesIO(b"")
    given.name = "<stdin>"
    with pytest.raises(DataError, match=r"^<stdin>: this is an empty file"):
        read_inputs(given, expected_of(corpus), cache=tmp_path / "inputs")
    assert not list((tmp_path / "inputs").iterdir())


def test_arguments_of_other_types_are_named(corpus, tmp_path):
    with pytest.raises(ArgumentError, match="expected is of type dict; expected an ExpectedInputs"):
        read_inputs(tmp_path, {}, cache=tmp_path)
    with pytest.raises(ArgumentError, match="path is None"):
        read_inputs(None, expected_of(corpus), cache=tmp_path)
    with pytest.raises(ArgumentError, match="widths has no vision, which the model reads"):
        expected_of(corpus, widths={Modality.AUDIO: 2})
    with pytest.raises(ArgumentError, match="cache is None"):
        read_inputs(tmp_path, expected_of(corpus), cache=None)
