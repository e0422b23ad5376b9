import numpy as np
import pytest

from sugrm import TrainingRun, load_corpus, resolve
from sugrm.config import DataConfig
from sugrm.data.sample import sample
from sugrm.training.checkpoints.checkpoint import FILE_NAME
from sugrm.training.frozen_text import FOLDER, has_states, text_states
from sugrm.training.probe import probe
from sugrm.types import Modality, Split

TINY = {
    "preset": ["mosi", "paper"],
    "model": {"text": {"name": "tiny"}, "width": 8, "encoder": {"name": "lstm"}},
    "training": {"batch_size": 8, "device": "cpu"},
}
DATA = {"dataset": "synthetic", "synthetic": {"train": 64, "valid": 16, "test": 16}}


@pytest.fixture
def corpus(tmp_path):
    return load_corpus(DataConfig.model_validate(DATA), "unaligned", cache=tmp_path)


def test_a_sample_keeps_the_content_of_its_utterances(corpus, tmp_path):
    small = sample(corpus, dict.fromkeys(Split, 5), folder=tmp_path / "small")
    whole, few = corpus.splits[Split.TRAIN], small.splits[Split.TRAIN]
    assert [len(part) for part in small.splits.values()] == [5, 5, 5]
    assert few.ids[0] == whole.ids[0]
    assert few.ids[-1] == whole.ids[-1]
    for row, name in enumerate(few.ids):
        origin = whole.ids.index(name)
        assert few.labels[row] == whole.labels[origin]
        assert few.raw_text[row] == whole.raw_text[origin]
        np.testing.assert_array_equal(few.audio(row), whole.audio(origin))
    assert few.true_sentiment(Modality.TEXT).shape == (5,)


def test_a_sample_larger_than_the_corpus_is_the_corpus(corpus, tmp_path):
    small = sample(corpus, dict.fromkeys(Split, 1000), folder=tmp_path / "small")
    assert small.splits[Split.TEST].ids == corpus.splits[Split.TEST].ids


@pytest.mark.slow
def test_a_probe_measures_and_leaves_nothing_in_the_cache(corpus, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    found = probe(resolve(TINY), corpus)
    assert sorted(tmp_path.rglob("*")) == before
    assert min(found.epoch_seconds, found.build_seconds, found.score_seconds) > 0
    assert found.save_seconds > 0
    assert found.device == "cpu"
    assert found.states_seconds == 0


@pytest.mark.slow
def test_a_probe_knows_the_size_of_a_checkpoint_within_a_tenth(corpus, tmp_path):
    config = resolve(TINY)
    TrainingRun(config, corpus, seed=1, checkpoint=tmp_path / "real").run_epoch()
    real = (tmp_path / "real" / FILE_NAME).stat().st_size
    assert probe(config, corpus).checkpoint_bytes == pytest.approx(real, rel=0.1)


@pytest.mark.slow
def test_states_of_a_frozen_encoder_are_counted_until_this_machine_has_them(corpus):
    config = resolve(
        {**TINY, "model": {**TINY["model"], "text": {"name": "tiny", "finetune": False}}}
    )
    first = probe(config, corpus)
    assert first.states_seconds > 0
    assert not (corpus.folder.parent / FOLDER).exists()
    run = TrainingRun(config, corpus, seed=1)
    assert has_states(config, corpus, device=run.device)
    assert text_states(config, corpus, device=run.device) is not None
    assert probe(config, corpus).states_seconds == 0


@pytest.mark.slow
def test_a_probe_is_within_a_factor_of_two_of_a_real_epoch(tmp_path):
    """The fastest of several on both sides, since other work on the machine only slows down."""
    data = DataConfig.model_validate({"dataset": "synthetic", "synthetic": {"train": 192}})
    corpus = load_corpus(data, "unaligned", cache=tmp_path)
    config = resolve({**TINY, "training": {"batch_size": 16, "device": "cpu"}})
    run = TrainingRun(config, corpus, seed=1)
    real = min(run.run_epoch().seconds for _ in range(5))
    found = min(probe(config, corpus).epoch_seconds for _ in range(5))
    assert real / 2 < found < real * 2
