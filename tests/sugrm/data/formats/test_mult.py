"""MulT's files: zeros in front, word vectors, no words, no lengths."""

import numpy as np
import pytest

from sugrm.data.formats.assembling import read_features
from sugrm.data.reading.options import Reading
from sugrm.errors import DataError
from sugrm.types import Modality, Split

STEPS = {"vision": (9, 20), "audio": (12, 5), "text": (10, 30)}
SIZES = {"train": 4, "valid": 2, "test": 3}


def split_of(count, steps=STEPS):
    """One split, and the number of frames that were drawn for each stream."""
    random = np.random.default_rng(count)
    found = {name: random.normal(size=(count, *shape)) for name, shape in steps.items()}
    for array in found.values():
        for row in range(count):
            array[row, : random.integers(0, array.shape[1] - 2)] = 0
        array[0, 0] = 0  # one at least is padded
    ids = [[f"v{row}_0".encode(), b"0.5", b"4.1"] for row in range(count)]
    labels = np.linspace(-3, 3, count).reshape(-1, 1, 1).astype(np.float32)
    return found | {"labels": labels, "id": np.array(ids)}


@pytest.fixture
def mult_tree():
    return {name: split_of(count) for name, count in SIZES.items()}


@pytest.fixture
def mult_aligned():
    same = {"vision": (9, 20), "audio": (9, 5), "text": (9, 30)}
    return {name: split_of(count, same) for name, count in SIZES.items()}


def read(path, **options):
    return read_features(path, Reading(**options))


def problems_of(path, **options):
    with pytest.raises(DataError) as caught:
        read(path, **options)
    return str(caught.value).splitlines()[1:]


def drawn(tree, split, key):
    return tree[split][key].any(axis=2).sum(axis=1).tolist()


@pytest.mark.parametrize("protocol", range(6))
def test_frames_behind_the_zeros_are_read_whatever_the_protocol(save, mult_tree, protocol):
    content, findings = read(save(mult_tree, protocol=protocol))
    assert (findings.layout, findings.text, findings.is_new) == ("MulT", "features", True)
    for split in Split:
        streams = content.splits[split].streams
        for modality in Modality:
            array = mult_tree[split][modality]
            assert streams[modality].lengths.tolist() == drawn(mult_tree, split, modality)
            last = streams[modality][0]
            np.testing.assert_array_equal(last, array[0, -len(last) :].astype(np.float32))
        assert content.splits[split].ids[1] == "v1_0_0.5_4.1"
        np.testing.assert_array_equal(
            content.splits[split].labels, mult_tree[split]["labels"].reshape(-1)
        )
    assert set(findings.sides[Split.TRAIN].values()) == {"front"}


def test_the_numbers_of_the_usual_small_file(save):
    """The file that its issue names: 174 audio, 143 vision and 139 text frames in training."""
    random = np.random.default_rng(0)

    def split(count):
        shapes = {"vision": (9, 20), "audio": (12, 5), "text": (10, 300)}
        found = {name: random.normal(size=(count, *shape)) for name, shape in shapes.items()}
        for array in found.values():
            for row in range(count):
                array[row, : random.integers(0, array.shape[1] - 2)] = 0
        ids = np.array([[f"video{n // 3}_{n % 3}".encode(), b"0.5", b"4.1"] for n in range(count)])
        return found | {"labels": random.uniform(-3, 3, (count, 1, 1)).astype("f4"), "id": ids}

    tree = {name: split(count) for name, count in (("train", 24), ("valid", 8), ("test", 8))}
    train = read(save(tree))[0].splits[Split.TRAIN]
    assert {str(m): int(each.lengths.sum()) for m, each in train.streams.items()} == {
        "audio": 174,
        "vision": 143,
        "text": 139,
    }
    assert train.labels.sum() == pytest.approx(11.0531, abs=1e-4)


@pytest.mark.parametrize("name", ["dev", "val", "validation"])
def test_the_middle_split_has_other_names(save, mult_tree, name):
    mult_tree[name] = mult_tree.pop("valid")
    assert len(read(save(mult_tree))[0].splits[Split.VALID].ids) == 2


@pytest.mark.parametrize("shape", [(-1,), (-1, 1), (-1, 1, 1)])
def test_one_label_a_row_is_a_label(save, mult_tree, shape):
    expected = mult_tree["train"]["labels"].reshape(-1)
    for split in mult_tree.values():
        split["labels"] = split["labels"].reshape(shape)
    np.testing.assert_array_equal(read(save(mult_tree))[0].splits[Split.TRAIN].labels, expected)


@pytest.mark.parametrize("shape", [(-1, 7), (-1, 1, 7)])
def test_the_first_of_seven_columns_is_the_sentiment(save, mult_tree, shape):
    expected = mult_tree["train"]["labels"].reshape(-1)
    for split in mult_tree.values():
        emotions = np.full((len(split["id"]), 6), 2.0, np.float32)
        split["labels"] = np.hstack([split["labels"].reshape(-1, 1), emotions]).reshape(shape)
    content, findings = read(save(mult_tree))
    np.testing.assert_array_equal(content.splits[Split.TRAIN].labels, expected)
    assert findings.remarks == [
        "the labels have seven columns: the first, the sentiment, is read",
    ]


@pytest.mark.parametrize(
    ("shape", "said"), [((4, 2), "[N, 4, 2]"), ((4,), "[N, 4]"), ((7,), "[N, 7]")]
)
def test_classes_are_refused_in_one_line(save, mult_tree, shape, said):
    """IEMOCAP's four emotions, and seven of which each row has one."""
    for split in mult_tree.values():
        split["labels"] = np.zeros((len(split["id"]), *shape), np.int64)
        split["labels"][:, 0] = 1
    assert problems_of(save(mult_tree)) == [
        f"  train.labels, valid.labels, test.labels: got int64 of shape {said}, expected one "
        "sentiment an utterance: [N], [N, 1] or [N, 1, 1]; labels of classes, as IEMOCAP's "
        "emotions, are not read; docs/data.md says what is"
    ]


def test_labels_out_of_range_name_the_utterance(save, mult_tree):
    mult_tree["test"]["labels"][1] = 3.5
    (line,) = problems_of(save(mult_tree))
    assert line.startswith("  test.labels: got 3.5 for v1_0_0.5_4.1 (1 such labels), expected")


@pytest.mark.parametrize(
    ("ids", "first"),
    [
        (lambda n: np.array([f"v{row}" for row in range(n)]), "v0"),
        (lambda n: np.array([[b"v%d" % row] for row in range(n)]), "v0"),
        (lambda n: np.arange(n) + 7, "7"),
        (lambda n: np.array([["v", 0.5, 4.0]] * n, object), "v_0.5_4"),
    ],
)
def test_ids_are_text_bytes_or_numbers(save, mult_tree, ids, first):
    for split in mult_tree.values():
        split["id"] = ids(len(split["id"]))
    assert read(save(mult_tree))[0].splits[Split.TRAIN].ids[0] == first


def test_a_file_without_ids_is_read_and_it_is_said(save, mult_tree):
    for split in mult_tree.values():
        del split["id"]
    content, findings = read(save(mult_tree))
    assert content.splits[Split.VALID].ids == ["valid_0", "valid_1"]
    assert findings.remarks == ["the file has no ids: utterances are named by split and row"]


@pytest.mark.parametrize("missing", ["audio", "vision"])
def test_a_missing_stream_is_absent(save, mult_tree, missing):
    for split in mult_tree.values():
        del split[missing]
    notes = read(save(mult_tree))[0].notes()
    assert notes.absent == (Modality(missing),)


def test_a_stream_that_one_split_lacks_is_named(save, mult_tree):
    del mult_tree["valid"]["audio"]
    assert problems_of(save(mult_tree))[0].startswith("  audio: got widths train 5, test 5")


def test_infinities_become_zero_and_are_counted(save, mult_tree):
    mult_tree["train"]["audio"][1, -1, 2] = -np.inf
    mult_tree["train"]["text"][1, -2, 0] = np.nan
    repaired = read(save(mult_tree))[0].repaired[Split.TRAIN]
    assert (repaired["audio"], repaired["text"], repaired["vision"]) == (1, 1, 0)


def test_an_aligned_file_keeps_the_frames_of_all_streams_together(save, mult_aligned):
    content, _ = read(save(mult_aligned), alignment="aligned")
    for split in Split:
        streams = content.splits[split].streams
        longest = np.max([drawn(mult_aligned, split, m) for m in Modality], axis=0)
        for modality in Modality:
            assert streams[modality].lengths.tolist() == longest.tolist()


def test_an_unaligned_file_given_as_aligned_gets_this_message(save, mult_tree):
    (line,) = problems_of(save(mult_tree), alignment="aligned")
    assert line.startswith(
        "  train, valid, test: got steps text 10, audio 12, vision 9, expected equally many steps"
    )


def test_a_missing_split_is_named(save, mult_tree):
    del mult_tree["test"]
    assert problems_of(save(mult_tree)) == [
        "  test: got only train, valid, expected a dict of vision, audio, text, labels and id; "
        "write all three splits"
    ]


def test_rows_that_one_key_lacks_are_named(save, mult_tree):
    mult_tree["train"]["audio"] = mult_tree["train"]["audio"][:3]
    assert problems_of(save(mult_tree)) == [
        "  train.audio: got 3 rows, expected 4, as many as id has; each utterance needs one row "
        "of every key"
    ]


@pytest.mark.parametrize("labels", [np.zeros((4, 0)), "good", np.float32(1), [[1], [2, 3]]])
def test_labels_that_are_none_are_named(save, mult_tree, labels):
    mult_tree["train"]["labels"] = labels
    assert any(line.startswith("  train.labels: got") for line in problems_of(save(mult_tree)))


def test_an_empty_split_is_named(save, mult_tree):
    mult_tree["valid"] = {key: value[:0] for key, value in mult_tree["valid"].items()}
    assert any("valid.id: got no utterances" in line for line in problems_of(save(mult_tree)))


def test_labels_beside_keys_of_mmsa_are_mmsas(save, tree):
    """A wrong name of the labels is named, and the lengths of the file are not ignored."""
    for split in tree.values():
        split["labels"] = split.pop("regression_labels")
    assert problems_of(save(tree))[0].startswith(
        "  train.regression_labels, valid.regression_labels, test.regression_labels: got no such"
    )


def test_there_are_no_words_to_read(save, mult_tree):
    assert "got no words to read as the text" in problems_of(save(mult_tree), text="words")[0]
