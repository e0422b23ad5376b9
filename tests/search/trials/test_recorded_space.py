from pathlib import Path

import pytest

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.trials import trial_of
from search import load_space
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory
from search.trials.recorded_space import RecordedKeys
from tests.search.space.reading.test_plugins import SPACE
from tests.sugrm.config.registry.conftest import plugin

__all__ = ["plugin"]

RECORDED = Version(data={"unaligned": "data"})


@pytest.mark.parametrize("finetune", [True, False])
def test_the_keys_of_trials_with_and_without_adapters_are_those_of_the_run(
    mini, tmp_path, finetune
):
    """``tiny`` has a fingerprint for each way of training it."""
    space = mini(f"experiment.model.text.finetune={finetune}".lower())
    corpus = CorpusFolder(folder=Path("corpus"), fingerprint="data")
    factory = TrialFactory(space, {"unaligned": corpus}, run=tmp_path)
    adapted = {"model.text.finetune": True, "model.text.lora.rank": 4}
    trials = [factory.trial(changes, 1) for changes in ({}, adapted)]
    rows = [trial_of({**trial.columns(), "status": "finished"}) for trial in trials]
    recorded = RecordedKeys(space, RECORDED, trials={row.key: row for row in rows})
    assert [recorded.key(changes, 1) for changes in ({}, adapted)] == [row.key for row in rows]
    assert len({row.encoder_fingerprint for row in rows}) == 2


def test_the_keys_of_trials_of_a_plug_in_are_those_of_the_run(plugin, tmp_path):
    """A system of an installed package is known to ``status``, which loads no plug-in."""
    plugin()
    (tmp_path / "own.yaml").write_text(SPACE)
    space = load_space(tmp_path / "own.yaml")
    corpus = CorpusFolder(folder=Path("corpus"), fingerprint="data")
    trial = TrialFactory(space, {"unaligned": corpus}, run=tmp_path).trial({}, 1)
    row = trial_of({**trial.columns(), "status": "finished"})
    recorded = RecordedKeys(space, RECORDED, trials={row.key: row})
    assert recorded.key({}, 1) == row.key
