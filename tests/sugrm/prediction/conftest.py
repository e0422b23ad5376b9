from contextlib import contextmanager

import pytest
import torch

from sugrm import TrainingRun, load_corpus, load_trained, resolve
from sugrm.config import DataConfig

SIZES = {"train": 16, "valid": 8, "test": 9, "audio_length": 4, "vision_length": 4}
DATA = {"dataset": "synthetic", "synthetic": SIZES}


@pytest.fixture(scope="session")
def corpora(tmp_path_factory):
    """Return the synthetic corpus of an alignment, made once."""
    cache = tmp_path_factory.mktemp("corpora")
    return lambda alignment: load_corpus(DataConfig.model_validate(DATA), alignment, cache=cache)


@pytest.fixture
def corpus(corpora):
    return corpora("unaligned")


@pytest.fixture
def train(tmp_path, corpora):
    """Train a small experiment for an epoch; return its kept model and the result of the fit."""

    def run(options, seed=1):
        config = resolve({"training": {"max_epochs": 1, "batch_size": 4, "device": "cpu"}}, options)
        fitted = TrainingRun(config, corpora(config.alignment), seed=seed)
        fitted.run_epoch()
        result = fitted.finish()
        fitted.save_trained(tmp_path / f"trial-{seed}")
        return load_trained(tmp_path / f"trial-{seed}"), result

    return run


SMALL = {
    "preset": ["mosi", "paper"],
    "model": {"text": {"name": "tiny"}, "width": 4, "encoder": {"name": "lstm"}},
}
"""SUGRM with a fine-tuned encoder, of few weights."""


@pytest.fixture
def small():
    """SUGRM with a fine-tuned encoder, of few weights."""
    return SMALL


@pytest.fixture(scope="session")
def kept(tmp_path_factory, corpora):
    """Three kept models of the small experiment and their fits, by seed, trained once."""
    options = {**SMALL, "training": {"max_epochs": 1, "batch_size": 4, "device": "cpu"}}
    folder, found = tmp_path_factory.mktemp("kept"), {}
    for seed in (1, 2, 3):
        fitted = TrainingRun(resolve(options), corpora("unaligned"), seed=seed)
        fitted.run_epoch()
        result = fitted.finish()
        fitted.save_trained(folder / str(seed))
        found[seed] = (load_trained(folder / str(seed)), result)
    return found


@pytest.fixture
def torch_state():
    """Check that a block leaves torch's generator as it was."""

    @contextmanager
    def unchanged():
        before = torch.get_rng_state()
        yield
        assert torch.equal(torch.get_rng_state(), before)

    return unchanged
