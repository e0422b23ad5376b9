"""Pickles of one modality in MMSA's layout, beside a table."""

import numpy as np
import pytest

from sugrm.data import Reading, import_features
from sugrm.errors import DataError
from sugrm.types import Split

SIZES = {"train": 4, "valid": 3, "test": 3}
LENGTHS = [2, 5, 1, 3]


@pytest.fixture
def table(tmp_path):
    """Return the path of a table of ten utterances with a split column."""
    rows = ["id,text,label,split"]
    for split, count in SIZES.items():
        rows += [f"{split}$_${row},good film,{row - 1},{split}" for row in range(count)]
    path = tmp_path / "label.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def tree():
    random = np.random.default_rng(0)
    made = {}
    for split, count in SIZES.items():
        frames = random.normal(size=(count, 6, 2)).astype(np.float32)
        for row, length in enumerate(LENGTHS[:count]):
            frames[row, length:] = 0
        ids = [f"{split}$_${row}" for row in range(count)]
        made[split] = {"id": ids, "audio": frames, "audio_lengths": LENGTHS[:count]}
    return made


@pytest.fixture
def imported(table, save, tmp_path):
    def read(tree):
        paths = {"text": table, "audio": save(tree)}
        return import_features(paths, Reading(), cache=tmp_path / "cache")

    return read


@pytest.mark.parametrize("states_lengths", [True, False])
@pytest.mark.parametrize("front", [True, False])
def test_frames_are_those_of_the_id_whatever_their_order(tree, imported, states_lengths, front):
    expected = tree["train"]["audio"][1, :5].copy()
    for entries in tree.values():
        if front:
            rows = zip(entries["audio"], entries["audio_lengths"], strict=True)
            entries["audio"] = np.stack([np.roll(row, 6 - length, axis=0) for row, length in rows])
        if not states_lengths:
            del entries["audio_lengths"]
    for entries in tree.values():
        for key in entries:
            entries[key] = np.asarray(entries[key])[::-1]
    corpus = imported({**tree, "config": {"audio": {"tool": "librosa"}}})
    train = corpus.splits[Split.TRAIN]
    assert [len(train.audio(row)) for row in range(4)] == LENGTHS
    np.testing.assert_array_equal(train.audio(1), expected)


def test_frames_outside_a_stated_length_are_refused(tree, imported):
    tree["valid"]["audio_lengths"] = [1, 1, 1]
    with pytest.raises(DataError, match="outside the stated length in 2 rows"):
        imported(tree)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("id", ["a"], "beside 1 ids"),
        ("id", [np.array([1.0, np.nan]), "b", "c"], "beside 0 ids"),
        ("audio", np.ones((3, 2)), "of shape \\[3, 2\\] beside 3 ids"),
        ("audio_lengths", [1, 2], "does not fit audio"),
        ("audio_lengths", [7, 1, 1], "does not fit audio"),
        ("audio_lengths", "abc", "does not fit audio"),
    ],
)
def test_entries_that_do_not_fit_are_named(tree, imported, key, value, said):
    tree["test"][key] = value
    with pytest.raises(DataError, match=said):
        imported(tree)


@pytest.mark.parametrize("length", [6, 4])
def test_silence_within_equal_stated_lengths_is_kept(tree, imported, length):
    for entries in tree.values():
        entries["audio"][:] = 1
        entries["audio"][:, length:] = 0
        entries["audio"][0, :2] = 0
        entries["audio"][1, :1] = 0
        entries["audio_lengths"] = [length] * len(entries["id"])
    train = imported(tree).splits[Split.TRAIN]
    assert [len(train.audio(row)) for row in range(4)] == [length] * 4


def test_other_frames_of_a_repeated_id_are_refused(tree, imported):
    tree["train"]["id"][1] = tree["train"]["id"][0]
    with pytest.raises(DataError, match=r"other frames in two rows of the id 'train\$_\$0'"):
        imported(tree)
