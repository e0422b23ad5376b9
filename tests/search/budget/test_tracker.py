"""What a budget tracker counts; budgets of whole commands are in test_budgets.py."""

import time

import pytest

from reports.ledger.trials import Trial
from search.budget.recorded_time import RecordedTime, read_time, write_time
from search.budget.tracker import BudgetTracker
from search.ledger import StartedTrial
from search.space.sections import Budget


def trial(key, epochs, **columns):
    return Trial(key=key, status="finished", seed=1, epochs=epochs, **columns)


@pytest.fixture
def tracker(tmp_path):
    """Return a tracker over trials of the ledger and limits of the budget."""

    def track(*trials, **limits):
        return BudgetTracker(Budget(**limits), tmp_path, trials={each.key: each for each in trials})

    return track


def counted(tracker):
    return tracker.usage.trials, tracker.usage.epochs


def test_trials_of_another_run_and_trials_without_epochs_take_no_epochs(tracker):
    own, failed = trial("a", 3), trial("b", None)
    assert counted(tracker(own, failed, trial("c", 9, adopted_from="other"))) == (2, 3)


def test_an_epoch_that_is_reported_again_counts_once(tracker):
    """A trial that lost its worker repeats the epochs since its checkpoint."""
    used = tracker(trial("a", 3))
    for epoch in (1, 2, 1):
        used.record_epochs("b", epoch)
    assert counted(used) == (2, 5)
    used.record_epochs("b", 3)
    assert counted(used) == (2, 6)


def test_a_trial_that_was_cut_off_counts_from_its_first_epoch_on(tracker):
    used = tracker()
    used.add_cut_off(
        [StartedTrial(key="a", roles=(), epoch=4), StartedTrial(key="b", roles=(), epoch=0)]
    )
    assert counted(used) == (1, 4)


def test_the_time_of_a_command_is_recorded_whole_beside_that_of_earlier_ones(tmp_path, tracker):
    """The checks and the start of the workers come before the clock of the budget."""
    write_time(tmp_path, RecordedTime(seconds=100))
    used = tracker(hours=178 / 3600)
    used.count_from(time.monotonic() - 79.0)
    assert used.exhausted == "hours"
    with used.clock(lambda name: None):
        pass
    assert 179 <= read_time(tmp_path).seconds < 200
    assert tracker().earlier_seconds == read_time(tmp_path).seconds


def test_only_epochs_of_a_trial_that_was_cut_off_are_repeated(tracker):
    """A failed one of the ledger that is tried again computes its epochs anew."""
    used = tracker(trial("failed", 3))
    used.add_cut_off([StartedTrial(key="a", roles=(), epoch=2)])
    assert [used.is_repeated("a", epoch) for epoch in (1, 2, 3)] == [True, True, False]
    assert not used.is_repeated("failed", 1)


def test_spent_trials_refuse_new_trials_and_let_those_that_have_started_end(tracker):
    used = tracker(trial("a", 2), trials=2)
    assert used.spent_before("b") is None
    used.record_epochs("b", 1)
    assert used.spent_before("c") == "trials"
    assert used.spent_before("b") is None
    assert used.exhausted is None


def test_spent_epochs_refuse_every_trial_and_stop_those_that_run(tracker):
    used = tracker(trial("a", 2), epochs=3)
    assert (used.spent_before("b"), used.exhausted) == (None, None)
    used.record_epochs("b", 1)
    assert (used.spent_before("b"), used.spent_before("c"), used.exhausted) == ("epochs",) * 3


def test_epochs_that_are_spent_with_the_trials_are_named_first(tracker):
    """They stop running trials, which spent trials do not."""
    used = tracker(trial("a", 2), trials=1, epochs=2)
    assert used.exhausted == "epochs"
    assert used.message("epochs") == "the budget of 2 epochs is spent"


@pytest.mark.parametrize(("records", "stays"), [(True, False), (False, True)])
def test_only_a_run_sets_a_damaged_record_of_the_hours_aside(tmp_path, records, stays):
    (tmp_path / "spent.json").write_text('{"seconds": "many"}')
    used = BudgetTracker(Budget(hours=1), tmp_path, trials={}, records=records)
    (warning,) = used.warnings
    assert "spent.json" in warning
    assert "the hours of the run are counted from 0 again" in warning
    assert used.usage.seconds < 60
    assert (tmp_path / "spent.json").exists() is stays
    assert (tmp_path / "damaged" / "spent.json").exists() is not stays
