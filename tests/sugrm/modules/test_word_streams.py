"""Streams in step with the text, whether they come aligned or not."""

import pytest
import torch

from sugrm.modules.word_streams import WordStreams
from sugrm.types import Modality

TEXT, AUDIO = Modality.TEXT, Modality.AUDIO


def streams_of(alignment, audio, audio_lengths, words=(4, 2)):
    torch.manual_seed(0)
    module = WordStreams({AUDIO: 3}, alignment=alignment, places=6)
    sequences = {TEXT: torch.randn(len(words), max(words), 5), AUDIO: audio}
    lengths = {TEXT: torch.tensor(words), AUDIO: torch.tensor(audio_lengths)}
    return module(sequences, lengths)


def test_an_aligned_stream_keeps_its_frames():
    audio = torch.randn(2, 4, 3)
    found = streams_of("aligned", audio, [4, 2])
    assert torch.equal(found.frames[AUDIO][0], audio[0])
    assert torch.equal(found.frames[AUDIO][1, :2], audio[1, :2])
    assert found.lengths[AUDIO].tolist() == [4, 2]
    assert found.scores == ()


def test_frames_that_are_not_real_are_zero():
    found = streams_of("aligned", torch.randn(2, 4, 3), [0, 2])
    assert not found.frames[AUDIO][0].any()
    assert not found.frames[AUDIO][1, 2:].any()
    assert found.real[AUDIO].tolist() == [[False] * 4, [True, True, False, False]]


@pytest.mark.parametrize("steps", [2, 7])
def test_a_stream_that_is_padded_to_other_steps_is_fitted_to_the_text(steps):
    """In the batch the longest utterance's stream may be absent, or padded further."""
    audio = torch.randn(2, steps, 3)
    found = streams_of("aligned", audio, [0, 2])
    assert found.frames[AUDIO].shape == (2, 4, 3)
    assert torch.equal(found.frames[AUDIO][1, :2], audio[1, :2])


def test_an_unaligned_stream_gets_a_frame_for_each_token():
    found = streams_of("unaligned", torch.randn(2, 9, 3), [9, 0])
    assert found.frames[AUDIO].shape == (2, 4, 3)
    assert found.frames[AUDIO][0].any()
    assert found.lengths[AUDIO].tolist() == [4, 0]
    (scores,) = found.scores
    assert scores.log_probabilities.shape == (2, 9, 7)
