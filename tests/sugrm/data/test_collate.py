import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sugrm.data.cache.content import SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.collate import collate
from sugrm.data.corpus import Utterances
from sugrm.errors import DataError
from sugrm.types import Modality
from tests.strategies import ragged_sequences


def utterances_of(audio, vision, text=None):
    streams = {Modality.AUDIO: Ragged.pack(audio, 2), Modality.VISION: Ragged.pack(vision, 3)}
    if text is not None:
        streams[Modality.TEXT] = Ragged.pack(text, 4)
    number = len(audio)
    labels = np.linspace(-3, 3, number, dtype=np.float32)
    return Utterances(
        SplitContent(ids=[""] * number, raw_text=[""] * number, labels=labels, streams=streams)
    )


def zeros(*shape):
    return np.zeros(shape, np.float32)


@pytest.mark.slow
@given(data=st.data())
def test_a_batch_holds_each_sequence_and_zeros_behind_it(data):
    audio = data.draw(ragged_sequences(width=2))
    vision = [np.repeat(frames, 3, axis=0)[:, [0, 1, 1]] for frames in audio]
    tokens = [np.arange(1, len(frames) + 2) for frames in audio]
    rows = data.draw(st.lists(st.integers(0, len(audio) - 1), min_size=1))
    batch = collate(utterances_of(audio, vision), rows, tokens=tokens)
    for padded, lengths, sequences in (
        (batch.audio, batch.audio_lengths, audio),
        (batch.vision, batch.vision_lengths, vision),
        (batch.token_ids, batch.text_lengths, tokens),
    ):
        chosen = [sequences[row] for row in rows]
        assert lengths.tolist() == [len(sequence) for sequence in chosen]
        assert padded.shape[1] == max(1, max(lengths.tolist()))
        for one, sequence in zip(padded.numpy(), chosen, strict=True):
            np.testing.assert_array_equal(one[: len(sequence)], sequence)
            assert not one[len(sequence) :].any()
    assert batch.index.tolist() == rows
    np.testing.assert_array_equal(
        batch.labels, np.linspace(-3, 3, len(audio), dtype=np.float32)[rows]
    )


def test_a_batch_has_the_types_that_models_take():
    batch = collate(
        utterances_of([zeros(2, 2)], [zeros(0, 3)]),
        [0],
        tokens=[np.array([5, 6], np.int32)],
        segments=[np.array([0, 1], np.int32)],
    )
    assert batch.audio.dtype == batch.vision.dtype == batch.labels.dtype == torch.float32
    for ids in (batch.token_ids, batch.segment_ids, batch.text_lengths, batch.index):
        assert ids.dtype == torch.int64
    assert batch.segment_ids.tolist() == [[0, 1]]
    assert batch.text_features is None


def test_an_absent_stream_has_one_step_of_padding_and_length_0():
    batch = collate(utterances_of([zeros(2, 2)], [zeros(0, 3)]), [0], tokens=[np.array([5])])
    assert batch.vision.shape == (1, 1, 3)
    assert batch.vision_lengths.tolist() == [0]


def test_text_features_serve_where_no_tokens_are_given():
    text = [np.ones((2, 4), np.float32), np.ones((1, 4), np.float32)]
    batch = collate(utterances_of([zeros(1, 2)] * 2, [zeros(1, 3)] * 2, text), [1, 0], tokens=None)
    assert batch.token_ids is None
    assert batch.text_features[..., 0].tolist() == [[1, 0], [1, 1]]
    assert batch.text_lengths.tolist() == [1, 2]


def test_padded_lengths_widen_the_arrays_and_leave_the_lengths_true():
    batch = collate(
        utterances_of([zeros(3, 2)], [zeros(1, 3)]),
        [0],
        tokens=[np.array([5])],
        padded_lengths={Modality.TEXT: 4, Modality.AUDIO: 2, Modality.VISION: 7},
    )
    assert batch.token_ids.tolist() == [[5, 0, 0, 0]]
    assert batch.vision.shape == (1, 7, 3)
    assert batch.vision_lengths.tolist() == [1]
    assert batch.audio.shape == (1, 3, 2)  # a sequence is never cut


def test_without_tokens_and_features_the_message_says_what_to_give():
    with pytest.raises(DataError) as caught:
        collate(utterances_of([zeros(1, 2)], [zeros(1, 3)]), [0], tokens=None)
    assert str(caught.value) == (
        "the corpus holds no text features, and no tokens were given; expected one of them: "
        "tokenise raw_text, or read a file with a `text` array"
    )
