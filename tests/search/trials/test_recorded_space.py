from pathlib import Path

import pytest

from reports.ledger.trials import trial_of
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory
from search.trials.recorded_space import RecordedKeys


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
    recorded = RecordedKeys(space, {"unaligned": "data"}, trials={row.key: row for row in rows})
    assert [recorded.key(changes, 1) for changes in ({}, adapted)] == [row.key for row in rows]
    assert len({row.encoder_fingerprint for row in rows}) == 2
