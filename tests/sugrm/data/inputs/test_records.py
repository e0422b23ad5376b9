"""Python values to score: texts, mappings and data frames."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from sugrm.config import SyntheticConfig
from sugrm.data import ExpectedInputs, import_features, inputs_of_records, load_dataset
from sugrm.data.synthetic_pickle import write_synthetic_pickle
from sugrm.errors import ArgumentError, DataError
from sugrm.types import Modality, Split
from tests.sugrm.data.inputs.inputs import batch_of, check_same, expected_of


@pytest.fixture
def expected():
    """A model of words, audio 2 and vision 3 wide."""
    return ExpectedInputs(
        dataset=load_dataset("mosi"),
        streams=tuple(Modality),
        widths={Modality.AUDIO: 2, Modality.VISION: 3},
        padded_lengths={Modality.TEXT: 4, Modality.AUDIO: 6, Modality.VISION: 5},
    )


@pytest.fixture
def read(expected, tmp_path):
    return lambda records: inputs_of_records(records, expected, cache=tmp_path)


def of_test(corpus):
    assert list(corpus.splits) == [Split.TEST]
    return corpus.splits[Split.TEST]


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("as_frame", [False, True])
def test_the_batches_of_records_are_those_of_training(tmp_path, as_frame, padded):
    sizes = SyntheticConfig(train=8, valid=4, test=5, audio_length=6, vision_length=4)
    write_synthetic_pickle(tmp_path / "all.pkl", sizes)
    corpus = import_features(tmp_path / "all.pkl", cache=tmp_path / "cache")
    wanted = corpus.splits[Split.TEST]
    records = [
        {
            "id": wanted.ids[row],
            "text": wanted.raw_text[row],
            "audio": wanted.audio(row),
            "vision": wanted.vision(row).tolist(),
            "label": wanted.labels[row].item(),
        }
        for row in range(len(wanted))
    ]
    given = pd.DataFrame(records) if as_frame else iter(records)
    found = inputs_of_records(given, expected_of(corpus), cache=tmp_path / "inputs")
    assert of_test(found).ids == wanted.ids
    check_same(batch_of(found, padded=padded), batch_of(corpus, padded=padded), has_labels=True)


def test_texts_are_numbered_from_one(read):
    utterances = of_test(read(["good", "bad"]))
    assert (utterances.ids, utterances.raw_text) == (["1", "2"], ["good", "bad"])
    assert np.isnan(utterances.labels).all()


def test_texts_and_mappings_may_be_mixed(read):
    utterances = of_test(read(("good", {"text": "bad", "audio": [[1, 2]]})))
    assert utterances.content.streams[Modality.AUDIO].lengths.tolist() == [0, 1]


def with_gradients(frames):
    return torch.tensor(frames, requires_grad=True)


@pytest.mark.parametrize("kind", [np.array, torch.tensor, tuple, with_gradients])
def test_frames_may_be_any_arrays(read, kind):
    utterances = of_test(read([{"text": "good", "audio": kind([[1.0, 2.0], [3.0, 4.0]])}]))
    assert utterances.audio(0).tolist() == [[1, 2], [3, 4]]


def test_frames_that_are_not_finite_are_repaired(read):
    found = read([{"text": "good", "audio": [[np.nan, 2.0], [np.inf, 4.0]]}])
    assert of_test(found).audio(0).tolist() == [[0, 2], [0, 4]]
    assert found.notes.repaired[Split.TEST][Modality.AUDIO] == 2


@pytest.mark.parametrize("nothing", [None, float("nan"), [], np.zeros((0, 2))])
def test_a_stream_may_be_absent_in_some_records(read, nothing):
    records = [{"text": "good", "audio": nothing}, {"text": "bad", "audio": [[1, 2]]}]
    found = read(records)
    assert of_test(found).content.streams[Modality.AUDIO].lengths.tolist() == [0, 1]
    assert found.notes.absent == (Modality.VISION,)


def test_columns_of_a_data_frame_have_the_names_of_tables(read):
    frame = pd.DataFrame({"Sentence": ["good"], "utterance_id": [7], "stars": [4], 3: [1]})
    utterances = of_test(read(frame))
    assert (utterances.raw_text, utterances.ids) == (["good"], ["7"])


def test_the_text_may_have_any_name(expected, tmp_path):
    frame = pd.DataFrame({"review": ["good"], "text": ["no"]})
    expected = replace(expected, text_column="review")
    assert of_test(inputs_of_records(frame, expected, cache=tmp_path)).raw_text == ["good"]


def test_keys_that_are_not_read_are_said(read):
    found = read([{"text": "good", "vison": [[1, 2, 3]]}])
    assert found.notes.remarks[0] == "keys of records that are not read: vison"


def test_repeated_ids_get_distinct_names(read):
    found = read([{"text": "good", "id": "a"}, {"text": "bad", "id": "a"}])
    assert of_test(found).ids == ["a", "a#2"]


BAD = {
    "a number": (["good", 3], "record 2: got 3, expected a text, or a mapping"),
    "nothing": (["good", None], "record 2: got None"),
    "no text": ([{"text": "good"}, {"text": None}], "got nothing in record 2 (1 such rows)"),
    "NaN text": ([{"text": "good"}, {"text": np.nan}], "got nan in record 2"),
    "empty text": (["good", " "], "text: got ' ' in record 2"),
    "no key text": ([{"words": "good"}], "text: got columns words, expected a column text"),
    "no record": ([], "records: got none, expected at least one"),
    "no row": (pd.DataFrame({"text": []}), "records: got none, expected at least one"),
    "no name": ([{"text": "good", "id": ""}], "id: got nothing in record 1"),
    "flat frames": ([{"text": "a", "audio": [1, 2]}], "of shape [2] in record 1"),
    "another type": ([{"text": "a", "audio": torch.ones(1, 2).bfloat16()}], "got Tensor in record"),
    "a number in place of frames": ([{"text": "a", "audio": 3}], "got 3 in record 1"),
    "another width": ([{"text": "a", "audio": [[1]]}], "audio: got features 1 wide, expected 2"),
    "two texts": ([{"text": "a", "sentence": "b"}], "could both be the text"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_records_are_named_by_number(read, kind):
    records, expected = BAD[kind]
    with pytest.raises(DataError) as caught:
        read(records)
    assert str(caught.value).startswith("records: 1 problem in the records\n")
    assert expected in str(caught.value)


@pytest.mark.parametrize("records", ["good", b"good", {"text": "good"}, 3, None])
def test_one_text_is_no_list(read, records):
    with pytest.raises(ArgumentError, match=r"records is .*; expected a list of texts"):
        read(records)
