"""From changes and a seed to a trial."""

from pathlib import Path

import pytest

from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory
from sugrm.errors import EncoderError


@pytest.fixture
def factory(mini, tmp_path):
    def make(*overrides, has_text=False):
        corpus = CorpusFolder(folder=Path("corpus"), fingerprint="data", has_text=has_text)
        return TrialFactory(mini(*overrides), {"unaligned": corpus}, run=tmp_path)

    return make


MISSING = "experiment.model.text.name=./no-such-folder"


def test_a_text_encoder_that_is_read_has_to_be_there(factory):
    with pytest.raises(EncoderError, match="no-such-folder"):
        factory(MISSING).trial({}, 1)


def test_given_text_features_need_no_text_encoder(factory):
    assert factory(MISSING, has_text=True).trial({}, 1).encoder_fingerprint == ""


def test_streams_without_text_need_no_text_encoder(factory):
    """LF-LSTM of audio and vision; the space's own experiment still reads the text."""
    changes = {"preset": "lf_lstm", "model.modalities": ["audio", "vision"]}
    assert factory(MISSING).trial(changes, 1).encoder_fingerprint == ""
