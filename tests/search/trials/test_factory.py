"""From changes and a seed to a trial."""

from pathlib import Path

import pytest

from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory
from search.trials.keys import trial_key
from sugrm import NUMERICS
from sugrm.errors import EncoderError


@pytest.fixture
def factory(mini, tmp_path):
    def make(*overrides, has_text=False):
        corpus = CorpusFolder(folder=Path("corpus"), fingerprint="data", has_text=has_text)
        return TrialFactory(mini(*overrides), {"unaligned": corpus}, run=tmp_path)

    return make


MISSING = "experiment.model.text.name=./no-such-folder"


OWN = "data={{dataset: {}, unaligned: a.pkl}}"
LIKE_MOSI = "{name: own, label_bound: 3, metrics: mosi, vocabulary: bert-base-uncased}"
SAME_FILE = ["mosi", "mosei", LIKE_MOSI]
OTHERS = [
    "sims",
    "{name: own, label_bound: 1, metrics: regression}",
    "{name: own, label_bound: 3, metrics: mosi}",  # stored token ids are not read under it
]


@pytest.mark.slow
def test_labels_like_mosi_s_leave_the_key_as_it_was_and_others_do_not(factory):
    known = {}
    for dataset in ("synthetic", *SAME_FILE, *OTHERS):
        trial = factory(OWN.format(dataset)).trial({}, 1)
        assert trial.data_fingerprint == "data"
        known[dataset] = trial.key
    parts = {"seed": 1, "encoder_fingerprint": trial.encoder_fingerprint, "numerics": NUMERICS}
    as_before = trial_key(trial.config, data_identity="data", **parts)
    assert {known[dataset] for dataset in ("synthetic", *SAME_FILE)} == {as_before}
    assert len({as_before, *(known[dataset] for dataset in OTHERS)}) == 4


def test_a_trial_knows_the_label_range_of_its_dataset(factory):
    assert factory(OWN.format("sims")).trial({}, 1).label_bound == 1
    assert factory().trial({}, 1).label_bound == 3


def test_a_text_encoder_that_is_read_has_to_be_there(factory):
    with pytest.raises(EncoderError, match="no-such-folder"):
        factory(MISSING).trial({}, 1)


def test_given_text_features_need_no_text_encoder(factory):
    assert factory(MISSING, has_text=True).trial({}, 1).encoder_fingerprint == ""


def test_streams_without_text_need_no_text_encoder(factory):
    """LF-LSTM of audio and vision; the space's own experiment still reads the text."""
    changes = {"preset": "lf_lstm", "model.modalities": ["audio", "vision"]}
    assert factory(MISSING).trial(changes, 1).encoder_fingerprint == ""


@pytest.mark.parametrize("preset", ["paper", "self_mm"])
def test_sugrm_and_self_mm_without_text_need_no_text_encoder(factory, preset):
    changes = {"preset": ["mosi", preset], "model.modalities": ["audio", "vision"]}
    trial = factory(MISSING).trial(changes, 1)
    assert trial.encoder_fingerprint == ""
    assert trial.config.objective.tasks == ("M", "A", "V")
