"""Tables to score: text alone, with labels or splits, with features in their columns."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sugrm.data import import_features, load_dataset, read_inputs
from sugrm.data.formats.table_columns import NO_SPLITS
from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.errors import DataError
from sugrm.types import Modality, Split
from tests.sugrm.data.formats.test_table import KINDS
from tests.sugrm.data.inputs.inputs import batch_of, check_same, expected_of
from tests.sugrm.data.tables.tables import ROWS, csv_of, save_dataset

FEATURES = {"text": "good", "audio": [[1, 2], [3, 4.5]], "vision": [[1, 2, 3]]}


def expects(**options):
    """A model of words, audio 2 and vision 3 wide."""
    given = {
        "dataset": load_dataset("mosi"),
        "streams": tuple(Modality),
        "widths": {Modality.AUDIO: 2, Modality.VISION: 3},
        "padded_lengths": {Modality.TEXT: 4, Modality.AUDIO: 6, Modality.VISION: 5},
    }
    return ExpectedInputs(**(given | options))


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a table and reads it."""

    def reads(content, name="table", **options):
        path = tmp_path / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        elif isinstance(content, list):
            path.write_text("\n".join(map(json.dumps, content)))
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_inputs(path, expects(**options), cache=tmp_path / "inputs")

    return reads


def refused(read, content, **options):
    with pytest.raises(DataError) as caught:
        read(content, **options)
    return str(caught.value)


def of_test(corpus):
    assert list(corpus.splits) == [Split.TEST]
    return corpus.splits[Split.TEST]


@pytest.mark.parametrize("kind", KINDS)
def test_the_batches_of_a_table_are_those_of_training(tmp_path, kind):
    path = tmp_path / "table"
    path.write_bytes(KINDS[kind] if isinstance(KINDS[kind], bytes) else KINDS[kind].encode())
    corpus = import_features(path, cache=tmp_path / "cache")
    found = read_inputs(path, expected_of(corpus), cache=tmp_path / "inputs")
    for split in Split:
        check_same(batch_of(found, split), batch_of(corpus, split), has_labels=True)
        assert found.splits[split].ids == corpus.splits[split].ids


def test_texts_alone_are_one_split(read):
    found = read('text\n"good, really"\nbad\n')
    utterances = of_test(found)
    assert (utterances.raw_text, utterances.ids) == (["good, really", "bad"], ["1", "2"])
    assert np.isnan(utterances.labels).all()
    assert (found.audio_width, found.vision_width) == (2, 3)
    absent = "the input has none, so the stream is absent in every utterance"
    assert found.notes.remarks == (NO_SPLITS, f"audio: {absent}", f"vision: {absent}")


def test_a_column_of_splits_is_kept(read):
    found = read("text,split\ngood,test\nbad,train\nso,test\n")
    assert {split: each.raw_text for split, each in found.splits.items()} == {
        "train": ["bad"],
        "test": ["good", "so"],
    }


def test_a_column_that_names_no_splits_is_left_out(read):
    found = read("text,set\ngood,kitchen\nbad,garden\n")
    assert len(of_test(found)) == 2
    said = "set is not read: got 'kitchen', expected train, valid or test"
    assert found.notes.remarks[0] == said


def test_a_wrong_split_among_others_is_an_error(read):
    assert "got 'tset' in line 3" in refused(read, "text,split\ngood,test\nbad,tset\n")


@pytest.mark.parametrize(
    ("given", "labels"),
    [("1.5", 1.5), ("", np.nan), ("nan", np.nan), ("2", 2.0)],
    ids=["number", "empty", "NaN", "whole number"],
)
def test_labels_that_are_there_are_kept(read, given, labels):
    found = of_test(read(f"text,label\ngood,{given}\nbad,1\n"))
    assert found.labels.tolist() == pytest.approx([labels, 1], nan_ok=True)


@pytest.mark.parametrize("given", ["positive", "7", "inf"])
def test_labels_that_cannot_be_used_are_left_out(read, given):
    found = read(f"text,label\ngood,1\nbad,{given}\n")
    assert np.isnan(of_test(found).labels).all()
    assert found.notes.remarks[0].startswith("label is not read: got ")


def test_of_several_columns_of_labels_none_is_read(read):
    """An earlier output of scores has a column of scores and one of labels."""
    found = read("text,label,score\ngood,1,0.5\n")
    assert np.isnan(of_test(found).labels).all()


def test_the_column_of_texts_may_have_any_name(read):
    table = "text,review,label\nno,good,1\nno,bad,-1\n"
    assert of_test(read(table, text_column="review")).raw_text == ["good", "bad"]
    found = of_test(read("label\ngood\n", text_column="label"))
    assert (found.raw_text, len(found.labels)) == (["good"], 1)
    message = refused(read, table, text_column="comment")
    assert "text: got columns text, review, label, expected a column comment; " in message


def test_a_missing_column_of_texts_is_an_error(read):
    message = refused(read, "review,label\ngood,1\n")
    assert "text: got columns review, label, expected a column text, sentence" in message


@pytest.mark.parametrize("text", ["", "NaN"], ids=["empty", "NaN"])
def test_a_row_without_text_is_named(read, text):
    rows = [{"text": "good"}, {"text": float("nan") if text else None}]
    assert "in line 2 (1 such rows), expected words" in refused(read, rows)


def test_a_table_without_rows_is_an_error(read):
    assert "got no rows, expected a row for each utterance" in refused(read, "text,label\n")


def test_a_model_without_text_cannot_score_texts(read):
    message = refused(read, "text\ngood\n", streams=(Modality.AUDIO,))
    assert "got no audio and no vision, expected audio, which the model reads" in message


def test_a_model_of_text_features_cannot_score_words(read):
    widths = {Modality.AUDIO: 2, Modality.VISION: 3, Modality.TEXT: 7}
    message = refused(read, "text\ngood\n", widths=widths)
    assert "text: got only words, expected text features 7 wide" in message


def test_texts_alone_can_be_scored_by_an_aligned_model(read):
    assert of_test(read("text\ngood\n", alignment="aligned")).raw_text == ["good"]
    found = of_test(read("text\nso good\n", alignment="aligned", follows_words=True))
    assert found.content.words == [["so", "good"]]


def test_frames_beside_a_table_are_no_aligned_data(tmp_path):
    np.savez(tmp_path / "audio.npz", v=np.ones((2, 2)))
    (tmp_path / "t.csv").write_text("id,text\nv,good\n")
    files = {"text": tmp_path / "t.csv", "audio": tmp_path / "audio.npz"}
    with pytest.raises(DataError, match="trained on aligned data, and files of single modalities"):
        read_inputs(files, expects(alignment="aligned"), cache=tmp_path)


def as_arrow(rows, **types):
    given = [{"text": "good", "audio": None, "vision": None}, *rows]
    table = pa.Table.from_pylist(given)
    for name, kind in types.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table.column(name).cast(kind))
    return table.slice(1)


STORED = {
    "JSON lines": [FEATURES, {"text": "bad"}],
    "JSON array": json.dumps([FEATURES, {"text": "bad", "audio": [], "vision": None}]),
    "Parquet": as_arrow([FEATURES, {"text": "bad"}]),
    "Parquet, float32": as_arrow([FEATURES], audio=pa.list_(pa.large_list(pa.float32()))),
    "Parquet, one width": as_arrow([FEATURES], audio=pa.large_list(pa.list_(pa.float64(), 2))),
}


@pytest.mark.parametrize("kind", STORED)
def test_features_may_stand_in_a_table(read, kind):
    found = of_test(read(STORED[kind]))
    assert found.audio(0).tolist() == [[1, 2], [3, 4.5]]
    assert found.vision(0).tolist() == [[1, 2, 3]]
    if len(found) > 1:
        assert found.content.streams[Modality.AUDIO].lengths.tolist() == [2, 0]


def test_features_of_the_text_may_stand_in_a_table(read):
    widths = {Modality.AUDIO: 2, Modality.VISION: 3, Modality.TEXT: 2}
    rows = [{"text_features": [[1, 2], [3, 4]], "audio": [[0, 1]]}]
    found = of_test(read(rows, widths=widths))
    assert found.text(0).tolist() == [[1, 2], [3, 4]]
    assert found.raw_text == [""]


WRONG = {
    "flat": ([1, 2], "of shape [2] in line 2 (1 such rows), expected numbers [T, D]"),
    "ragged": ([[1, 2], [3]], "got no array of numbers in line 2"),
    "text": ([["a", "b"]], "got no array of numbers in line 2"),
    "a name": ("clip.wav", "got 'clip.wav' in line 2"),
    "another width": ([[1, 2, 3]], "got width 3 in line 2 (1 such rows), expected 2, as in other"),
    "deep": (json.loads("[" * 900 + "]" * 900), "got no array of numbers in line 2"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_features_are_named_by_row(read, kind):
    value, expected = WRONG[kind]
    assert expected in refused(read, [FEATURES, {**FEATURES, "audio": value}])


def test_wrong_features_in_parquet_are_named_by_row(read):
    table = as_arrow([FEATURES, {**FEATURES, "audio": [[1, 2], [3]]}])
    assert "got no array of numbers in row 2" in refused(read, table)
    table = as_arrow([FEATURES, {**FEATURES, "audio": [[1, None]]}])
    assert "got no array of numbers in row 2" in refused(read, table)


def test_columns_of_other_values_are_no_features(read):
    """Names of recordings, and recordings as datasets of the hub hold them."""
    found = read('text,audio,vision\ngood,"a.wav",\n')
    assert found.notes.absent == (Modality.AUDIO, Modality.VISION)
    clips = pa.array([{"bytes": b"RIFF", "path": "a.wav"}])
    found = read(pa.table({"text": ["good"], "audio": clips}))
    assert of_test(found).raw_text == ["good"]


@pytest.mark.slow
def test_features_that_unpack_to_far_more_than_their_file_are_refused(read, monkeypatch):
    monkeypatch.setattr("sugrm.data.tables.arrow_frames._SLACK", 0)
    table = pa.table({"text": ["good"], "audio": [np.zeros((200_000, 2)).tolist()]})
    assert "unpack to" in refused(read, table)


def test_a_table_to_train_on_has_no_columns_of_features(tmp_path):
    rows = [{**row, "audio": [[1, 2]]} for row in ROWS]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert import_features(tmp_path / "t.jsonl", cache=tmp_path).audio_width == 1


def test_a_folder_may_hold_one_split(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "dev.csv").write_text("text\ngood\n")
    found = read_inputs(tmp_path / "in", expects(), cache=tmp_path / "inputs")
    assert found.splits[Split.VALID].raw_text == ["good"]


def test_a_saved_dataset_may_hold_one_split(tmp_path):
    folder = save_dataset(tmp_path / "in" / "test", [{"text": "good"}, {"text": "bad"}])
    (folder.parent / "dataset_dict.json").write_text('{"splits": ["test"]}')
    for place in (folder, folder.parent):
        found = read_inputs(place, expects(), cache=tmp_path / "inputs")
        assert of_test(found).raw_text == ["good", "bad"]


def test_a_folder_without_any_split_is_an_error(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "reviews.csv").write_text("text\ngood\n")
    with pytest.raises(DataError, match=r"only reviews\.csv; expected a table for each split"):
        read_inputs(tmp_path / "in", expects(), cache=tmp_path / "inputs")


def test_names_of_videos_and_clips_are_joined(read):
    found = of_test(read("video_id,clip_id,text\nv,1,good\nv,2,bad\n"))
    assert found.ids == ["v$_$1", "v$_$2"]


def test_a_broken_table_gets_the_message_of_training(read):
    assert "line 3: got 1 column, expected 2, as the header" in refused(read, "text,id\na,1\nb\n")
    assert "this is an empty file" in refused(read, "")
    assert "another encoding than UTF-8" in refused(read, b"text\nsch\xf6n\n")


def test_csv_of_training_is_read_in_its_order(read):
    assert [len(each) for each in read(csv_of()).splits.values()] == [2, 1, 1]
