"""Feature files as people have them; each layout was found in public code or threads."""

from collections import OrderedDict

import numpy as np
import pytest

from sugrm.data import Corpus, Reading, import_features, load_dataset, reading_remarks
from sugrm.errors import DataError
from sugrm.types import Modality, Split

LENGTHS = {"audio": [4, 6, 1], "vision": [5, 2, 3]}
STREAMS = ("audio", "vision")


@pytest.fixture
def imported(save, tmp_path):
    """Return a function that reads a tree and returns the corpus."""

    def read(tree, **options) -> Corpus:
        if "dataset" in options:
            options["dataset"] = load_dataset(options["dataset"])
        return import_features(save(tree), Reading(**options), cache=tmp_path / "cache")

    return read


def lengths_of(corpus, stream, split="train"):
    return corpus.splits[Split(split)].content.streams[Modality(stream)].lengths.tolist()


def in_front(frames, lengths):
    """Return padded frames with their zeros moved to the front."""
    rows = zip(frames, lengths, strict=True)
    return np.stack([np.roll(row, len(row) - length, axis=0) for row, length in rows])


@pytest.fixture
def front_tree(tree):
    for entries in tree.values():
        for stream in STREAMS:
            entries[stream] = in_front(entries[stream], entries[f"{stream}_lengths"])
    return tree


@pytest.mark.parametrize("kind", [str, bytes])
def test_ids_of_three_columns_are_joined_to_one_name(tree, imported, kind):
    for entries in tree.values():
        rows = [[name, "0.5", "4.1"] for name in entries["id"]]
        entries["id"] = np.array(rows) if kind is str else np.array(rows).astype("S")
    assert imported(tree).splits[Split.TRAIN].ids[:2] == ["video$_$0_0.5_4.1", "video$_$1_0.5_4.1"]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (np.array([3, 4, 5]), ["3", "4", "5"]),
        ([b"a", b"b", b"c"], ["a", "b", "c"]),
        ([0.5, 1.25, 2.0], ["0.5", "1.25", "2"]),
        ([["v", 1], ["v", 2], ["w", 1]], ["v_1", "v_2", "w_1"]),
        (np.array([["a"], ["b"], ["c"]]), ["a", "b", "c"]),
    ],
)
def test_ids_are_texts_bytes_numbers_or_rows_of_these(tree, imported, ids, expected):
    tree["train"]["id"] = ids
    assert imported(tree).splits[Split.TRAIN].ids == expected


@pytest.mark.parametrize("ids", [[None, "a", "b"], [float("nan"), 1.0, 2.0], [[], [], []]])
def test_what_is_no_name_is_refused(tree, imported, ids):
    tree["train"]["id"] = ids
    with pytest.raises(DataError, match=r"train\.id: got .*, expected text, numbers, or rows"):
        imported(tree)


@pytest.mark.parametrize("options", [{}, {"lengths": "stated"}, {"lengths": "detected"}])
def test_zeros_in_front_are_left_out_and_no_frame_is_cut_off(front_tree, imported, options):
    back = {stream: front_tree["train"][stream].copy() for stream in STREAMS}
    corpus = imported(front_tree, **options)
    for stream in STREAMS:
        assert lengths_of(corpus, stream) == LENGTHS[stream]
        last = getattr(corpus.splits[Split.TRAIN], stream)(0)
        np.testing.assert_array_equal(last, back[stream][0, -LENGTHS[stream][0] :])
        assert corpus.notes.sides[Split.TRAIN][Modality(stream)] == "front"
    assert corpus.notes.absent == ()
    assert reading_remarks(corpus) == [
        "unaligned data: zeros in front of the frames are left out: audio, vision"
    ]


def test_one_stream_may_be_padded_in_front_and_another_at_the_back(tree, imported):
    for entries in tree.values():
        entries["audio"] = in_front(entries["audio"], entries["audio_lengths"])
    corpus = imported(tree)
    assert corpus.notes.sides[Split.TRAIN] == {
        "text": "back",
        "audio": "front",
        "vision": "back",
    }
    assert lengths_of(corpus, "audio") == LENGTHS["audio"]


def test_an_aligned_file_with_zeros_in_front_keeps_the_frames_of_its_tokens(aligned_tree, imported):
    for entries in aligned_tree.values():
        for stream in STREAMS:
            entries[stream][:, 3:] = 0
            entries[stream] = np.roll(entries[stream], 1, axis=1)
    expected = aligned_tree["train"]["audio"][0, 1:]
    corpus = imported(aligned_tree, alignment="aligned")
    assert lengths_of(corpus, "audio") == [3, 3, 3]
    np.testing.assert_array_equal(corpus.splits[Split.TRAIN].audio(0), expected)


def test_frames_of_an_aligned_file_outside_its_text_are_said(aligned_tree, imported):
    """The text has three tokens in every row, the first row of vision four frames."""
    aligned_tree["train"]["vision"][0, 3] = 1
    (remark,) = [
        line
        for line in reading_remarks(imported(aligned_tree, alignment="aligned"))
        if "vision" in line
    ]
    assert "have frames outside the text's length, which are left out" in remark


@pytest.mark.parametrize("stream", STREAMS)
def test_frames_after_a_stated_length_are_refused(tree, imported, stream):
    for entries in tree.values():
        entries[f"{stream}_lengths"] = [1] * len(entries["id"])
    with pytest.raises(DataError, match="frames outside the stated length in 2 rows") as caught:
        imported(tree)
    assert "data.lengths=detected" in str(caught.value)
    detected = imported(tree, lengths="detected")
    assert lengths_of(detected, stream) == LENGTHS[stream]
    assert lengths_of(imported(tree, lengths="stated"), stream) == [1, 1, 1]


def test_detected_lengths_need_no_stated_ones(tree, imported):
    for entries in tree.values():
        del entries["audio_lengths"], entries["vision_lengths"]
    assert lengths_of(imported(tree, lengths="detected"), "audio") == LENGTHS["audio"]
    with pytest.raises(DataError, match=r"audio_lengths.*got no such key"):
        imported(tree)


@pytest.fixture
def sims_tree(tree):
    for number, entries in enumerate(tree.values()):
        count = len(entries["id"])
        entries["raw_text"] = np.array(["\u6211\u559c\u6b22\u8fd9\u90e8\u7535\u5f71"] * count)
        for place, key in enumerate(("", "_T", "_A", "_V")):
            labels = np.linspace(-1, 1, count) * (1 - place / 5) + number / 100
            entries[f"regression_labels{key}"] = np.clip(labels, -1, 1).astype("f4")
    return tree


def test_a_sims_file_keeps_the_human_labels_of_each_modality(sims_tree, imported):
    corpus = imported(sims_tree, dataset="sims")
    train = corpus.splits[Split.TRAIN]
    assert corpus.dataset.label_bound == 1
    for modality, key in zip(Modality, "TAV", strict=True):
        expected = sims_tree["train"][f"regression_labels_{key}"]
        np.testing.assert_array_equal(train.true_sentiment(modality), expected)


def test_chinese_text_is_refused_in_an_english_dataset(sims_tree, imported):
    with pytest.raises(DataError, match=r"got text in Chinese.*data\.dataset=sims"):
        imported(sims_tree, dataset="mosi")


@pytest.mark.parametrize("key", ["regression_labels", "regression_labels_A"])
def test_labels_beyond_the_bound_of_the_dataset_are_refused(sims_tree, imported, key):
    sims_tree["valid"][key][0] = 1.2
    with pytest.raises(DataError, match=rf"valid\.{key}: got 1\.2 .*numbers in \[-1, 1\]"):
        imported(sims_tree, dataset="sims")


@pytest.fixture
def glove_tree(tree):
    for entries in tree.values():
        del entries["text_bert"]
        entries["text"] = np.ones((len(entries["id"]), 4, 7), np.float32)
    return tree


def test_features_beside_words_are_read_and_said(glove_tree, imported):
    corpus = imported(glove_tree)
    assert corpus.text_width == 7
    (remark,) = reading_remarks(corpus)
    assert "no text encoder is used; to read the words instead" in remark


def test_an_option_reads_the_words_instead_of_the_features(glove_tree, imported):
    corpus = imported(glove_tree, text="words")
    assert (corpus.text_width, corpus.has_token_ids) == (None, False)
    assert reading_remarks(corpus) == []
    assert corpus.fingerprint != imported(glove_tree).fingerprint


def test_features_without_words_are_read(glove_tree, imported):
    for entries in glove_tree.values():
        del entries["raw_text"]
    corpus = imported(glove_tree)
    assert (corpus.text_width, set(corpus.splits[Split.TRAIN].raw_text)) == (7, {""})
    with pytest.raises(DataError, match="got no tokens to read as the text, and no words"):
        imported(glove_tree, text="tokens")
    with pytest.raises(DataError, match=r"got no words, expected the transcript"):
        imported(glove_tree, text="words")


@pytest.mark.parametrize("shape", [(-1, 1), (-1, 1, 1)])
def test_a_column_is_one_value_a_row(tree, imported, shape):
    for entries in tree.values():
        entries["regression_labels"] = entries["regression_labels"].reshape(shape)
        entries["audio_lengths"] = np.array(entries["audio_lengths"]).reshape(shape)
    corpus = imported(tree)
    assert corpus.splits[Split.TRAIN].labels.tolist() == [-3, 0, 3]
    assert lengths_of(corpus, "audio") == LENGTHS["audio"]


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("alignment", ["unaligned", "aligned"])
def test_a_stream_that_the_file_lacks_is_absent_in_every_utterance(
    tree, aligned_tree, imported, stream, alignment
):
    given = aligned_tree
    if alignment == "unaligned":
        for entries in given.values():
            for name in STREAMS:
                entries[f"{name}_lengths"] = [4] * len(entries["id"])
    for entries in given.values():
        entries.pop(stream), entries.pop(f"{stream}_lengths", None)
    corpus = imported(given, alignment=alignment)
    assert corpus.notes.absent == (Modality(stream),)
    assert lengths_of(corpus, stream) == [0, 0, 0]


def test_sequences_of_unequal_length_are_read_whole(tree, imported):
    for entries in tree.values():
        for stream in STREAMS:
            rows = np.empty(len(entries["id"]), object)
            for row, length in enumerate(entries.pop(f"{stream}_lengths")):
                rows[row] = entries[stream][row, :length]
            entries[stream] = rows
    corpus = imported(tree)
    for stream in STREAMS:
        assert lengths_of(corpus, stream) == LENGTHS[stream]
    assert corpus.padded_lengths == {"text": 4, "audio": 6, "vision": 5}


def test_sequences_of_unequal_width_are_refused(tree, imported):
    rows = np.empty(3, object)
    rows[:] = [np.ones((2, 2)), np.ones((2, 3)), np.ones((1, 2))]
    tree["train"]["audio"] = rows
    with pytest.raises(DataError, match=r"train\.audio: got no array of numbers.*of one D"):
        imported(tree)


def test_repeated_ids_keep_every_utterance(tree, imported):
    tree["train"]["id"][1] = tree["train"]["id"][0]
    assert imported(tree).splits[Split.TRAIN].ids == ["video$_$0", "video$_$0#2", "video$_$2"]


@pytest.mark.parametrize("name", ["dev", "val", "validation"])
def test_the_validation_split_has_several_names(tree, imported, name):
    tree[name] = tree.pop("valid")
    assert len(imported(tree).splits[Split.VALID]) == 2


@pytest.mark.parametrize("ids", [[0, 9, 2], [101, 250_000, 102], [101, 9, 9]])
def test_token_ids_of_another_vocabulary_give_way_to_the_words(tree, imported, ids):
    """RoBERTa marks a sentence with 0 and 2; others have more ids, or no mark at the end."""
    for entries in tree.values():
        entries["text_bert"][:, 0, :3] = ids
    corpus = imported(tree)
    assert not corpus.has_token_ids
    (remark,) = reading_remarks(corpus)
    assert "ids of another vocabulary" in remark
    for entries in tree.values():
        del entries["raw_text"]
    with pytest.raises(DataError, match="got ids of another vocabulary"):
        imported(tree)


@pytest.mark.parametrize("alignment", ["unaligned", "aligned"])
def test_tokens_with_padding_in_front_are_read(tree, aligned_tree, imported, alignment):
    """MMSA-FET pads every array in front where it is asked to."""
    for entries in aligned_tree.values():
        for stream in STREAMS:
            entries[stream][:, 3:] = 0
            entries[stream] = np.roll(entries[stream], 1, axis=1)
            if alignment == "unaligned":
                entries[f"{stream}_lengths"] = [3] * len(entries["id"])
        entries["text_bert"] = np.roll(entries["text_bert"], 1, axis=2)
    expected = aligned_tree["train"]["audio"][0, 1:]
    corpus = imported(aligned_tree, alignment=alignment)
    assert corpus.splits[Split.TRAIN].token_ids(0).tolist() == [101, 2204, 102]
    np.testing.assert_array_equal(corpus.splits[Split.TRAIN].audio(0), expected)
    assert corpus.notes.sides[Split.TRAIN][Modality.TEXT] == "front"
    assert "text, audio, vision" in reading_remarks(corpus)[0]


def test_a_single_id_beyond_the_vocabulary_gives_way_to_the_words(tree, imported):
    tree["test"]["text_bert"][1, 0, 1] = 30_522
    assert not imported(tree).has_token_ids


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_ordered_dicts_are_dicts(tree, save, tmp_path, protocol):
    ordered = OrderedDict((split, OrderedDict(entries)) for split, entries in tree.items())
    path = save(ordered, "ordered.pkl", protocol)
    ordered_corpus = import_features(path, Reading(), cache=tmp_path / "cache")
    plain = import_features(save(tree), Reading(), cache=tmp_path / "cache")
    np.testing.assert_array_equal(
        ordered_corpus.splits[Split.TRAIN].audio(1), plain.splits[Split.TRAIN].audio(1)
    )


def test_a_file_that_is_read_as_before_keeps_its_fingerprint(tree, front_tree, imported):
    """Trials of earlier versions have it in their keys; it is version 1's formula."""
    from sugrm.data.cache.fingerprint import content_fingerprint, file_digest

    corpus = imported(front_tree)
    assert corpus.fingerprint != _first(corpus, imported, content_fingerprint, file_digest)
    for entries in front_tree.values():
        for stream in STREAMS:
            frames = entries[stream]
            lengths = entries[f"{stream}_lengths"]
            rows = zip(frames, lengths, strict=True)
            entries[stream] = np.stack([np.roll(row, length, axis=0) for row, length in rows])
    corpus = imported(front_tree)
    assert corpus.fingerprint == _first(corpus, imported, content_fingerprint, file_digest)


def _first(corpus, imported, content_fingerprint, file_digest):
    file = corpus.folder.parent.parent / "features.pkl"
    digest = file_digest(file, file.parent / "digests").digest
    return content_fingerprint("mmsa", 1, "unaligned", digest)


def test_a_small_split_is_padded_on_the_side_of_the_others(tree, imported):
    """Two rows of valid fill the array, and one begins with silence: its frames are real."""
    for entries in tree.values():
        del entries["audio_lengths"], entries["vision_lengths"]
    tree["valid"]["audio"][:] = 1
    tree["valid"]["audio"][0, :2] = 0
    corpus = imported(tree, lengths="detected")
    assert lengths_of(corpus, "audio", "valid") == [6, 6]
    assert lengths_of(corpus, "audio") == LENGTHS["audio"]


def test_whole_numbers_stored_as_floats_stay_apart_in_names(tree, imported):
    tree["train"]["id"] = [20230101001.0, 20230101002.0, 1e6]
    names = imported(tree).splits[Split.TRAIN].ids
    assert names == ["20230101001", "20230101002", "1000000"]


def test_foreign_ids_in_one_split_give_way_to_the_words(tree, imported):
    tree["test"]["text_bert"][:, 0, :3] = [0, 9, 2]
    assert not imported(tree).has_token_ids


@pytest.mark.parametrize("alignment", ["unaligned", "aligned"])
def test_features_beside_token_ids_have_the_length_of_the_tokens(
    tree, aligned_tree, imported, alignment
):
    """BERT's states at padded positions are not zero."""
    for entries in aligned_tree.values():
        entries["text"] = np.ones((len(entries["id"]), 4, 7), np.float32)
        for stream in STREAMS:
            entries[f"{stream}_lengths"] = [4] * len(entries["id"])
    corpus = imported(aligned_tree, alignment=alignment, text="features")
    assert lengths_of(corpus, "text") == [3, 3, 3]


def test_a_split_under_two_names_is_said(tree, imported):
    tree["dev"] = tree["test"]
    assert "unaligned data: of valid and dev, valid is read as the split valid" in reading_remarks(
        imported(tree)
    )


def test_the_same_content_has_one_fingerprint_however_it_is_asked_for(sims_tree, imported):
    asked = [{}, {"lengths": "stated"}, {"text": "tokens"}]
    found = {imported(sims_tree, dataset="sims", **options).fingerprint for options in asked}
    assert len(found) == 1


def test_a_file_of_an_index_that_is_no_fingerprint_is_ignored(tree, imported, tmp_path):
    corpus = imported(tree)
    (known,) = (tmp_path / "cache" / "readings").iterdir()
    for content in ("", "../" + corpus.fingerprint):
        known.write_text(content)
        assert imported(tree).fingerprint == corpus.fingerprint
    assert known.read_text() == corpus.fingerprint


def test_a_cache_that_others_filled_may_be_read_only(tree, imported, monkeypatch):
    corpus = imported(tree)

    def refuse(self, fingerprint):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("sugrm.data.fingerprints.KnownReading.save", refuse)
    (corpus.folder.parent / "readings").rename(corpus.folder.parent / "gone")
    assert imported(tree).fingerprint == corpus.fingerprint


def test_what_a_run_lacks_is_said(sims_tree, imported):
    for entries in sims_tree.values():
        del entries["regression_labels_A"], entries["vision"]
    assert reading_remarks(imported(sims_tree, dataset="sims")) == [
        "unaligned data: absent in every utterance: vision",
        "unaligned data: the file has no human labels of audio (regression_labels_A)",
    ]
