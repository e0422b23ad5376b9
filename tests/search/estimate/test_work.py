"""What a search has left: its starting points, then what its sampler is likely to suggest."""

import pytest

from reports.ledger.roles import Role
from reports.ledger.schema import CONFIRM, SEARCH
from search.estimate.work import remaining_work
from search.ledger import EndedTrial, Ledger
from search.plan import build_plan
from search.queue.dry_run import remaining_trials
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory

STARTS = "search.start=[{objective.loss: l2}, {}, {training.batch_size: 8}]"
ALONE = (
    "ablations={}",
    "search.parameters={objective.loss: {choice: [l1, l2]}, "
    "training.batch_size: {choice: [4, 8, 16, 32]}}",
)


@pytest.fixture
def left(tmp_path):
    """Return what is left of a space of whose starting points some have failed for good."""

    def ask(space, done=0):
        plan, run = build_plan(space), tmp_path / "run"
        corpus = CorpusFolder(folder=tmp_path, fingerprint="corpus")
        factory = TrialFactory(space, {"unaligned": corpus}, run=run)
        for number, changes in enumerate(space.search.start[:done]):
            trial = factory.trial(changes, 7)
            role = Role(phase=SEARCH, number=number, seed=7, changes=changes)
            columns = {**trial.columns(), "status": "failed", "failure": "nan", "epochs": 0}
            Ledger(run).add(EndedTrial(columns=columns), [role])
        return remaining_work(
            space, plan, remaining=remaining_trials(space, plan, factory=factory, folder=run)
        )

    return ask


def kinds(found, phase):
    return [
        (one.config.objective.loss, one.config.training.batch_size, one.trials)
        for one in found
        if one.phase == phase
    ]


def test_a_search_of_its_starting_points_alone_is_known(mini, left):
    found = left(mini(*ALONE, STARTS, "search.trials=2"))
    assert kinds(found, SEARCH) == [("l2", 16, 1), ("l1", 16, 1)]
    assert kinds(found, CONFIRM) == [("l2", 16, 1), ("l1", 16, 1)]  # 2 seeds of either of them
    assert sum(one.most_epochs for one in found) == 8


def test_after_the_starting_points_the_sampler_may_suggest_anything(mini, left):
    found = kinds(left(mini(*ALONE, STARTS, "search.trials=7")), SEARCH)
    assert found[:3] == [("l2", 16, 1), ("l1", 16, 1), ("l1", 8, 1)]
    assert sum(trials for *_, trials in found[3:]) == pytest.approx(4)


def test_starting_points_that_have_run_are_not_left(mini, left):
    found = kinds(left(mini(*ALONE, STARTS, "search.trials=3"), done=2), SEARCH)
    assert found == [("l1", 8, 1)]
