from functools import cache
from pathlib import Path

import pytest

from tests.search.runs import command, remaining, status_before

__all__ = [
    "command",
    "remaining",
    "status_before",
]

MINI = """
name: mini
data:
  dataset: synthetic
  synthetic: {train: 16, valid: 8, test: 8, audio_length: 4, vision_length: 4, text_length: 8}
experiment:
  preset: [mosi, paper]
  model:
    text: {name: tiny}
    width: 4
    encoder: {name: lstm}
  training: {max_epochs: 2, batch_size: 16, device: cpu}
search:
  trials: 4
  seed: 7
  objective: {metric: valid/mae}
  sampler: {name: tpe, seed: 1}
  parameters:
    training.learning_rate.others: {low: 1.0e-4, high: 1.0e-2, log: true}
    objective.loss: {choice: [l1, l2]}
confirm: {top: 1, seeds: [1, 2]}
ablations:
  modules:
    baseline: {}
    remove MRM: {model.recalibration: none}
seeds: [1, 2]
"""


@pytest.fixture(scope="session")
def corpus_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("corpora")


@pytest.fixture
def mini_file(tmp_path, monkeypatch, corpus_cache) -> Path:
    """The file of a space whose trials take a tenth of a second.

    Reading it tries fewer joint settings, which else take most of the time of many tests.
    """
    monkeypatch.setenv("SUGRM_CACHE", str(corpus_cache))
    monkeypatch.setattr("search.space.reading.searches._DRAWS", 20)
    path = tmp_path / "mini.yaml"
    path.write_text(MINI, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def mini_spaces(tmp_path_factory):
    """Return the mini space with overrides; each is read once, as nothing changes a space."""
    from search import load_space

    path = tmp_path_factory.mktemp("spaces") / "mini.yaml"
    path.write_text(MINI, encoding="utf-8")
    return cache(lambda *overrides: load_space(path, overrides=overrides))


@pytest.fixture
def mini(mini_file, mini_spaces):
    """Return the mini space with overrides."""
    return mini_spaces


@pytest.fixture
def task(mini, tmp_path):
    """Return a function that makes the task of a trial of the mini space."""
    from search.plan import build_plan
    from search.trials.corpora import convert
    from search.trials.factory import TrialFactory

    def make(changes=(), seed=1, run="run", **options):
        space = mini("experiment.training.max_epochs=3")
        (tmp_path / run / "checkpoints").mkdir(parents=True, exist_ok=True)  # as a driver does
        factory = TrialFactory(space, convert(space, build_plan(space)), run=tmp_path / run)
        return factory.task(factory.trial({**dict(changes), **options}, seed))

    return make
