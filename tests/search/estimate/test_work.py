"""What a search has left: its starting points, then what its sampler is likely to suggest."""

import pytest

from reports.ledger.roles import Role
from reports.ledger.schema import CONFIRM, SEARCH
from search.estimate.work import remaining_work
from search.ledger import EndedTrial, Ledger
from search.plan import build_plan
from search.queue.dry_run import Remaining, remaining_trials
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


def test_only_a_first_trial_that_runs_to_its_end_is_expected_to_have_other_seeds(mini, left):
    """Half of two first trials are stopped after 1 epoch of 4, or none: 1.5 run to their end."""
    asha = "search.scheduler={name: asha, min_epochs: 1, reduction: 4}"
    options = (*ALONE, "confirm=", "search.trials=2", "experiment.training.max_epochs=4")
    several = left(mini(*options, asha, "search.seeds=[7, 8, 9]"))
    assert sum(one.most_epochs for one in several) == 24
    expected = 2 * 1 + 1.5 * 3 + 1.5 * 2 * 4
    assert sum(one.likely_epochs for one in several) == pytest.approx(expected, rel=0.1)
    whole = left(mini(*options, "search.seeds=[7, 8, 9]"))
    assert sum(one.likely_epochs for one in whole) == 24


def test_a_known_trial_with_another_seed_is_expected_to_run_to_its_end(mini, tmp_path):
    asha = "search.scheduler={name: asha, min_epochs: 1, reduction: 4}"
    space = mini(*ALONE, asha, "search.seeds=[7, 8]", "experiment.training.max_epochs=4")
    corpus = CorpusFolder(folder=tmp_path, fingerprint="corpus")
    factory = TrialFactory(space, {"unaligned": corpus}, run=tmp_path / "run")
    known = Remaining(trials=tuple((SEARCH, factory.trial({}, seed)) for seed in (7, 8)))
    first, second = remaining_work(space, build_plan(space), remaining=known)
    assert first.likely_epochs < 4
    assert second.likely_epochs == 4
