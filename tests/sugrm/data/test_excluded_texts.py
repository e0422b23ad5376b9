"""Leaving out utterances whose text is in another corpus."""

import pickle

import pytest

from sugrm import load_corpus
from sugrm.config import DataConfig, SyntheticConfig
from sugrm.data import DataError, reading_remarks, write_synthetic_pickle
from sugrm.data.excluded_texts import normalised

ROWS = [
    ("a", "It's a GOOD film!", 1.0, "train"),
    ("b", "I liked it.", 0.5, "train"),
    ("c", "Boring.", -1.0, "train"),
    ("d", "So, so long", -1.0, "valid"),
    ("e", "Fine", 0.2, "valid"),
    ("f", "...", 0.0, "valid"),
    ("g", "No way", -2.0, "test"),
    ("h", "its a good film", 1.0, "test"),
    ("i", "Yes", 1.0, "test"),
]


def write_table(path, rows):
    quoted = [f'{name},"{text}",{label},{split}' for name, text, label, split in rows]
    path.write_text("\n".join(["id,text,label,split", *quoted]))
    return path


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that loads the table of the rows without the texts of a file."""
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    table = write_table(tmp_path / "pretraining.csv", ROWS)

    def corpus(other=None):
        exclude = None if other is None else {"texts_of": str(other)}
        return load_corpus(
            DataConfig(dataset="mosi", text=str(table), exclude=exclude), "unaligned"
        )

    return corpus


def ids(corpus):
    return {split.value: each.ids for split, each in corpus.splits.items()}


def test_case_punctuation_and_white_space_do_not_tell_texts_apart():
    assert normalised("  It's a\tGOOD film! ") == normalised("its a good FILM")
    assert normalised("好 电影。") == normalised("好电影")
    assert normalised("a sp b") == normalised("a b")
    assert normalised("good") != normalised("goods")
    assert normalised(" ...! ") == ""


def test_utterances_of_all_splits_are_left_out_and_counted(load, tmp_path):
    other = write_table(
        tmp_path / "mosi.csv", [("x", "ITS A GOOD FILM", 1, ""), ("y", "yes!", 1, "")]
    )
    found = load(other)
    assert ids(found) == {"train": ["b", "c"], "valid": ["d", "e", "f"], "test": ["g"]}
    assert found.splits["train"].labels.tolist() == [0.5, -1.0]
    remark = (
        "3 of 9 utterances are left out, because their text is in mosi.csv (train 1, valid 0, "
        "test 2)"
    )
    assert any(remark in line for line in reading_remarks(found))
    assert found.fingerprint != load().fingerprint
    assert ids(load())["test"] == ["g", "h", "i"]


def test_a_file_without_any_of_the_texts_leaves_all(load, tmp_path):
    found = load(write_table(tmp_path / "other.csv", [("x", "no such text", 1, "")]))
    remark = "no text of other.csv is among the 9 utterances, so none is left out"
    assert any(remark in line for line in reading_remarks(found))


def test_it_is_read_once_and_again_when_the_other_file_changes(load, tmp_path, monkeypatch):
    other = write_table(tmp_path / "mosi.csv", [("x", "yes", 1, "")])
    first = load(other)
    with monkeypatch.context() as context:
        context.setattr("sugrm.data.loading.read_texts", None)
        assert load(other).fingerprint == first.fingerprint
    write_table(other, [("x", "no way", 1, ""), ("y", "nothing", 0, "")])
    assert ids(load(other))["test"] == ["h", "i"]
    assert load(other).fingerprint != first.fingerprint


def test_the_other_corpus_may_be_a_feature_file_without_lengths(load, tmp_path):
    other = tmp_path / "features.pkl"
    write_synthetic_pickle(other, SyntheticConfig(train=8, valid=4, test=4))
    tree = pickle.loads(other.read_bytes())
    for split in tree.values():
        split["raw_text"] = ["No way!", *split["raw_text"][1:]]
        for name in [name for name in split if name.endswith("_lengths")]:
            del split[name]
    other.write_bytes(pickle.dumps(tree))
    assert ids(load(other))["test"] == ["h", "i"]


WRONG = {
    "missing": (None, "cannot read the data file"),
    "no texts": ([("x", "...", 1, "")], r"no texts \(data\.exclude\.texts_of\)"),
    "everything": (
        [(name, text, label, "") for name, text, label, split in ROWS if split == "train"],
        "has the texts of every utterance of the split train",
    ),
}


@pytest.mark.parametrize(("rows", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_left_out_is_one_message(load, tmp_path, rows, message):
    other = tmp_path / "mosi.csv"
    if rows is not None:
        write_table(other, rows)
    with pytest.raises(DataError, match=message):
        load(other)


def test_the_synthetic_corpus_has_nothing_to_leave_out():
    with pytest.raises(ValueError, match="the dataset synthetic has none"):
        DataConfig(dataset="synthetic", exclude={"texts_of": "a.csv"})
