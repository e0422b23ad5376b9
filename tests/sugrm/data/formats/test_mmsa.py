import numpy as np
import pytest

from sugrm.data.formats.assembling import read_features
from sugrm.data.reading.options import Reading
from sugrm.errors import DataError
from sugrm.types import Modality, Split


def read(path, alignment="unaligned"):
    content, _ = read_features(path, Reading(alignment=alignment))
    return content


def problems_of(path, alignment="unaligned"):
    with pytest.raises(DataError) as caught:
        read(path, alignment)
    return str(caught.value).splitlines()


def test_unaligned_streams_keep_their_given_lengths(save, tree):
    content = read(save(tree))
    train = content.splits[Split.TRAIN]
    assert train.streams[Modality.AUDIO].lengths.tolist() == [4, 6, 1]
    assert train.streams[Modality.VISION].lengths.tolist() == [5, 2, 3]
    np.testing.assert_array_equal(train.streams[Modality.VISION][1], tree["train"]["vision"][1, :2])
    assert content.padded_lengths == {"text": 4, "audio": 6, "vision": 5}
    assert train.ids == ["video$_$0", "video$_$1", "video$_$2"]
    assert train.labels.tolist() == [-3, 0, 3]


def test_token_ids_end_with_the_mask(save, tree):
    train = read(save(tree)).splits[Split.TRAIN]
    assert train.token_ids[0][:, 0].tolist() == [101, 2204, 102]
    assert train.segment_ids[0][:, 0].tolist() == [0, 0, 0]


def test_aligned_streams_have_the_length_of_the_text(save, aligned_tree):
    """Frames of zeros inside the text's length are real: the marks around a sentence have them."""
    aligned_tree["train"]["audio"][0, 2] = 0
    train = read(save(aligned_tree), "aligned").splits[Split.TRAIN]
    assert train.streams[Modality.AUDIO].lengths.tolist() == [3, 3, 3]
    assert train.streams[Modality.VISION].lengths.tolist() == [3, 3, 3]


def test_aligned_streams_without_text_end_with_the_last_frame_of_either(save, aligned_tree):
    for entries in aligned_tree.values():
        del entries["text_bert"]
    aligned_tree["train"]["audio"][0, 1:] = 0
    aligned_tree["train"]["vision"][0, 2:] = 0
    train = read(save(aligned_tree), "aligned").splits[Split.TRAIN]
    assert train.streams[Modality.AUDIO].lengths[0] == 2
    assert train.streams[Modality.VISION].lengths[0] == 2


def test_text_features_serve_only_where_there_are_no_token_ids(save, tree):
    for entries in tree.values():
        entries["text"] = np.ones((len(entries["id"]), 4, 7), np.float64)
        entries["text"][0, 2:] = 0
    assert Modality.TEXT not in read(save(tree)).splits[Split.TRAIN].streams
    for entries in tree.values():
        del entries["text_bert"]
    train = read(save(tree)).splits[Split.TRAIN]
    assert train.token_ids is None
    assert train.streams[Modality.TEXT].lengths.tolist() == [2, 4, 4]
    assert train.streams[Modality.TEXT][0].dtype == np.float32


def test_broken_numbers_become_zero_and_are_counted_where_frames_are_real(save, tree):
    audio = tree["train"]["audio"]
    audio[0, 0], audio[1, 5, 1], audio[2, 0, 0] = np.nan, -np.inf, np.inf
    audio[2, 3] = -np.inf  # behind the true length of 1
    content = read(save(tree))
    assert content.repaired[Split.TRAIN] == {"audio": 4, "vision": 0}
    assert content.repaired[Split.TEST] == {"audio": 0, "vision": 0}
    stream = content.splits[Split.TRAIN].streams[Modality.AUDIO]
    assert stream[0][0].tolist() == [0, 0]
    assert np.isfinite(stream.values).all()
    assert stream.lengths.tolist() == [4, 6, 1]


def test_a_double_beyond_single_precision_is_repaired(save, tree):
    tree["train"]["audio"] = tree["train"]["audio"].astype(np.float64)
    tree["train"]["audio"][0, 0, 0] = 1e300
    assert read(save(tree)).repaired[Split.TRAIN]["audio"] == 1


def test_a_stream_of_zeros_is_absent(save, tree):
    tree["train"]["audio"][1] = 0
    tree["valid"]["audio"][0] = np.nan
    for entries in tree.values():
        entries["vision"][:] = 0
    content = read(save(tree))
    notes = content.notes()
    assert content.splits[Split.TRAIN].streams[Modality.AUDIO].lengths.tolist() == [4, 0, 1]
    assert notes.absent == (Modality.VISION,)
    assert notes.absent_utterances[Split.TRAIN] == {"audio": 1, "vision": 3, "text": 0}
    assert notes.absent_utterances[Split.VALID]["audio"] == 1


def test_all_problems_of_a_file_come_in_one_message(save, tree):
    del tree["train"]["id"]
    tree["train"]["audio_lengths"][2] = 9
    tree["train"]["regression_labels"][1] = np.nan
    tree["valid"]["regression_labels"][0] = -3.5
    tree["valid"]["audio"] = tree["valid"]["audio"][0]
    tree["test"]["vision"] = tree["test"]["vision"][:1]
    path = save(tree)
    count, file = "each utterance needs one row of every key", "in the feature file"
    labels = "map the labels to [-3, 3] or drop the utterance; labels of another range are another "
    labels += "dataset (data.dataset)"
    assert problems_of(path) == [
        f"{path}: 7 problems {file}",
        "  train.id: got no such key, expected the key; write the file in one of the layouts of "
        "docs/data.md",
        "  train.audio_lengths: got 9 at row 2 (1 such rows), expected whole numbers from 0 to 6, "
        "the steps of audio; cut the lengths to the array audio",
        "  train.regression_labels: got nan for row 1 (1 such labels), expected numbers in "
        f"[-3, 3]; {labels}",
        "  valid.audio: got float32 of shape [6, 2], expected numbers of shape [N, T, D], "
        "or N arrays [T, D] of one D; "
        "pad the sequences into one array",
        "  valid.regression_labels: got -3.5 for video$_$0 (1 such labels), expected numbers in "
        f"[-3, 3]; {labels}",
        "  valid.audio: got 6 rows, expected 2, as many as id has",
        f"  test.vision: got 1 rows, expected 2, as many as id has; {count}",
    ]


def test_an_aligned_file_given_as_unaligned_gets_this_message(save, aligned_tree):
    """The same advice once, not once for each of the six arrays."""
    splits = ("train", "valid", "test")
    keys = ", ".join(f"{split}.{name}_lengths" for split in splits for name in ("audio", "vision"))
    assert problems_of(save(aligned_tree))[1:] == [
        f"  {keys}: got no such key, expected the key; add the true lengths, "
        "have them found (--set data.lengths=detected; data inspect: --lengths detected), or "
        "say that the file is aligned (--data aligned=PATH --set experiment.alignment=aligned; "
        "data inspect: --alignment aligned)"
    ]


def test_an_unaligned_file_given_as_aligned_gets_this_message(save, tree):
    assert problems_of(save(tree), "aligned")[1] == (
        "  train, valid, test: got steps audio 6, vision 5, text_bert 4, expected equally many "
        "steps in an aligned file; say if the file is unaligned (--data unaligned=PATH, "
        "--alignment unaligned)"
    )


def test_a_missing_split_is_named(save, tree):
    tree["tune"] = tree.pop("valid")
    assert problems_of(save(tree))[1:] == [
        "  valid: got only train, test, tune, expected the splits train, valid, test; "
        "write the file in one of the layouts of docs/data.md"
    ]


def test_labels_that_are_text_are_named(save, tree):
    tree["train"]["regression_labels"] = ["good", "bad", "good"]
    assert problems_of(save(tree))[1:] == [
        "  train.regression_labels: got no array of numbers, expected numbers of shape [N]; "
        "store one number a row"
    ]


def test_another_layout_is_named(save):
    assert problems_of(save([1, 2]))[1].startswith(
        "  the file: got list, expected a dict of train, valid, test; write the file"
    )


def test_splits_of_unequal_width_are_named(save, tree):
    tree["test"]["audio"] = tree["test"]["audio"][..., :1]
    assert problems_of(save(tree))[1:] == [
        "  audio: got widths train 2, valid 2, test 1, expected one width in all splits; "
        "extract every split with the same features"
    ]


def test_text_bert_in_some_splits_only_is_named(save, tree):
    del tree["valid"]["text_bert"]
    assert problems_of(save(tree))[1:] == [
        "  text_bert: got only train, test, expected all splits or none; add or remove it"
    ]


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        (0, -1, "other numbers, expected whole numbers from 0 on"),
        (0, 0.5, "other numbers"),
        (0, np.nan, "other numbers"),
        (1, 2, "another mask, expected ones at the front"),
    ],
)
def test_token_ids_and_mask_are_checked(save, tree, part, value, said):
    tree["test"]["text_bert"][1, part, 3] = value
    assert f"test.text_bert: got {said}" in problems_of(save(tree))[1]


def test_a_mask_with_a_gap_is_refused(save, tree):
    tree["test"]["text_bert"][0, 1] = [1, 0, 1, 1]
    assert "test.text_bert: got another mask" in problems_of(save(tree))[1]


@pytest.mark.parametrize("text", [7, b"\xff", None, "\ud800"])
def test_text_that_is_no_text_is_named(save, tree, text):
    tree["train"]["raw_text"][1] = text
    said = f"  train.raw_text: got {text!r}, expected text; store raw_text as strings of Unicode"
    assert problems_of(save(tree))[1] == said


def test_segment_ids_are_0_or_1(save, tree):
    tree["test"]["text_bert"][0, 2, 1] = 2
    assert "test.text_bert: got other segment ids, expected 0 or 1" in problems_of(save(tree))[1]


def test_an_array_of_text_with_numbers_beyond_unicode_is_named(save, tree):
    tree["train"]["raw_text"] = np.full(3, 0x7FFFFFFF, "<u4").view("<U1")
    assert (
        "train.raw_text: got b'numbers beyond Unicode', expected text"
        in (problems_of(save(tree))[1])
    )


@pytest.mark.parametrize("length", [-1, 2.5, np.nan])
def test_lengths_are_whole_and_not_negative(save, tree, length):
    tree["valid"]["vision_lengths"][1] = length
    assert f"valid.vision_lengths: got {length} at row 1" in problems_of(save(tree))[1]


def test_an_empty_split_is_named(save, tree):
    tree["valid"] = {key: value[:0] for key, value in tree["valid"].items()}
    assert "  valid.id: got no utterances, expected at least one; write the split's utterances" in (
        problems_of(save(tree))
    )
