"""Budgets over all commands of a run; an epoch of the made-up learner is one of two."""

import json
import time

import pytest

from reports.ledger.places.storage import StorageError
from search.budget.recorded_time import RecordedTime, read_time, write_time
from search.budget.tracker import BudgetTracker
from search.errors import SpaceError
from search.space.sections import Budget


def computed(run):
    return [row.epochs for row in run.ledger.trials.values()]


def test_no_more_trials_are_computed_than_the_budget_has(command):
    run = command("budget.trials=3")
    assert run.titles() == ["search 0", "search 1", "search 2"]
    assert (run.controller.spent, run.controller.interrupted) == ("trials", True)
    assert run.named("RunWarning")[-1].message == "the budget of 3 trials is spent"


@pytest.mark.slow
def test_a_budget_counts_the_trials_of_all_commands(command):
    command("budget.trials=3")
    assert command("budget.trials=3").titles() == []
    assert command("budget.trials=5").titles() == ["search 3", "confirm 1 seed 1"]


@pytest.mark.slow
def test_a_raised_budget_ends_as_a_run_without_one(command):
    command("budget.trials=3", folder="capped")
    command("budget.epochs=9", folder="capped")
    assert command(folder="capped").rows() == command(folder="free").rows()


@pytest.mark.slow
def test_a_budget_that_the_plan_just_fits_is_not_spent(command):
    """10 trials of 2 epochs."""
    run = command("budget={trials: 10, epochs: 20}")
    assert (run.controller.spent, run.controller.interrupted) == (None, False)
    assert run.controller.progress.done == 10


@pytest.mark.slow
def test_what_the_ledger_answers_is_free(command):
    command(folder="run")
    again = command("budget.trials=10", "seeds=[1]")
    assert again.controller.spent is None
    assert again.titles() == []


def test_spent_epochs_stop_the_running_trial_at_its_checkpoint(command):
    run = command("budget.epochs=5")
    assert computed(run) == [2, 2]
    assert run.controller.spent == "epochs"
    (left,) = (run.folder / "running").glob("*.json")
    assert json.loads(left.read_text())["epoch"] == 1
    assert "stop at their last checkpoint" in run.named("RunWarning")[-1].message


@pytest.mark.slow
def test_the_epochs_of_a_trial_cut_off_count_before_it_goes_on(command):
    """4 epochs in the ledger and 1 of the trial that was stopped: 5 of 5 are spent."""
    command("budget.epochs=5")
    again = command("budget.epochs=5")
    assert again.titles() == []
    assert again.controller.spent == "epochs"
    more = command("budget.epochs=6")
    assert more.titles() == ["search 2"]
    assert computed(more) == [2, 2, 2]


@pytest.mark.slow
def test_a_trial_that_was_cut_off_goes_on_although_the_trials_are_spent(command):
    """Two trials of two epochs have ended and the third was cut off after one: it has started."""
    command("budget.trials=3", cut_off=5)
    again = command("budget.trials=3")
    assert again.titles() == ["search 2"]
    assert computed(again) == [2, 2, 2]
    assert again.controller.spent == "trials"


@pytest.mark.slow
def test_trials_of_another_run_are_free(command, tmp_path):
    no_labels = "experiment.objective.labels={name: none}"
    command(no_labels, folder="first")
    (tmp_path / "first" / "experiment.json").write_text('{"name": "first", "versions": []}')
    second = command(no_labels, "budget.trials=4", folder="second")
    assert second.controller.spent is None
    assert len(second.ledger.trials) == 10


def test_hours_of_earlier_commands_count(command, tmp_path):
    (tmp_path / "run").mkdir()
    write_time(tmp_path / "run", RecordedTime(seconds=7200))
    run = command("budget.hours=2")
    assert run.titles() == []
    assert run.controller.spent == "hours"


def test_the_clock_adds_up_over_commands_and_outlives_a_kill(tmp_path, monkeypatch):
    """The second command is killed: what its ticks have written remains."""
    monkeypatch.setattr("search.budget.tracker.TICK_SECONDS", 0.01)
    write_time(tmp_path, RecordedTime(seconds=100))
    tracker = BudgetTracker(Budget(), tmp_path, trials={})
    with tracker.clock(lambda name: None):
        wait_until(lambda: read_time(tmp_path).seconds > 100.05)
        killed = read_time(tmp_path).seconds
    assert killed > 100.05
    assert 100.05 < BudgetTracker(Budget(), tmp_path, trials={}).usage.seconds < 200


def test_the_clock_outlives_a_store_that_does_not_answer(tmp_path, monkeypatch):
    def unanswered(*arguments, **named):
        calls.append(arguments)
        raise StorageError("the store does not answer")

    calls = []
    monkeypatch.setattr("search.budget.tracker.TICK_SECONDS", 0.01)
    monkeypatch.setattr("search.budget.tracker.write_time", unanswered)
    with BudgetTracker(Budget(), tmp_path, trials={}).clock(lambda name: None):
        wait_until(lambda: len(calls) > 1)


def test_the_clock_stops_the_run_when_its_hours_are_spent(tmp_path):
    spent = []
    with BudgetTracker(Budget(hours=0.05 / 3600), tmp_path, trials={}).clock(spent.append):
        wait_until(lambda: spent)
    assert spent[0] == "hours"


def test_a_damaged_file_of_seconds_counts_as_none(tmp_path):
    (tmp_path / "spent.json").write_text("{")
    assert read_time(tmp_path).seconds == 0.0


@pytest.mark.parametrize("budget", ["trials=0", "epochs=-1", "hours=0"])
def test_a_budget_of_nothing_is_refused(mini, budget):
    with pytest.raises(SpaceError, match="budget"):
        mini(f"budget.{budget}")


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
