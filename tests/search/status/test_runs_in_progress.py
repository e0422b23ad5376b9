"""Budgets and standing of whole runs."""

import math
import socket

import pytest

from reports.ledger.reading.load import load_results
from search.budget.recorded_time import read_time
from search.cli.display.summary_view import exit_code
from search.estimate.estimate import estimate_run
from search.launcher_choice import launcher_of
from search.run import run_space
from search.status.run_status import run_status
from tests.search.tune.drivers import in_process_of_ray
from tests.search.without_text import NO_TEXT

SEQUENTIAL = "resources.launcher=sequential"
CELLS = ("search=", "confirm=", NO_TEXT)


def scores(folder):
    return {
        (role.cell, role.seed): sorted(results.trials[role.key].test.items())
        for results in [load_results(folder)]
        for role in results.roles
    }


@pytest.mark.slow
def test_spent_epochs_end_a_command_and_a_larger_budget_ends_the_run(mini, tmp_path):
    """4 trials of 2 epochs; 3 epochs are one trial and a half."""
    cells = (*CELLS, SEQUENTIAL)
    runs = tmp_path / "capped"
    first = run_space(mini(*cells, "budget.epochs=3"), runs=runs)
    assert (first.spent, first.interrupted, first.finished, exit_code(first)) == (
        "epochs",
        True,
        1,
        0,
    )
    assert "--set budget.epochs=6" in first.next_step
    assert run_status(runs, "mini").usage.epochs == 3
    again = run_space(mini(*cells, "budget.epochs=3"), runs=runs)
    assert (again.spent, again.finished) == ("epochs", 1)
    last = run_space(mini(*cells, "budget.epochs=8"), runs=runs)
    assert (last.spent, last.finished, last.next_step) == (None, 4, None)
    run_space(mini(*cells), runs=tmp_path / "free")
    assert scores(runs / "mini") == scores(tmp_path / "free" / "mini")


@pytest.mark.slow
def test_hours_add_up_over_commands(mini, tmp_path):
    """One second in all: the first command spends it, the second does not start a trial."""
    space = mini(NO_TEXT, SEQUENTIAL, "budget.hours=0.0003", "experiment.training.max_epochs=10000")
    first = run_space(space, runs=tmp_path)
    spent = read_time(tmp_path / "mini").seconds
    assert spent >= 1.08
    assert spent == pytest.approx(first.seconds, abs=0.5)  # what the command prints
    events = []
    again = run_space(space, runs=tmp_path, listen=events.append)
    assert again.spent == "hours"
    assert "TrialStarted" not in {type(event).__name__ for event in events}


@in_process_of_ray
def test_status_follows_a_trial_at_work(ray_here, mini, tmp_path):
    seen = []

    def look(event):
        if type(event).__name__ == "EpochDone" and event.epoch == 2:
            seen.append(run_status(tmp_path, "mini"))

    run_space(mini(*CELLS, "seeds=[1]"), runs=tmp_path, concurrency=1, listen=look)
    (trial,) = seen[0].running
    assert seen[0].active
    assert (trial.title, trial.epoch, trial.max_epochs) == ("modules/baseline seed 1", 1, 2)
    assert trial.node == socket.gethostname()
    assert math.isfinite(trial.value)
    # Known, and 0 where the last epoch, of milliseconds, takes longer than the one before.
    assert 0 <= seen[1].seconds_left < 60
    assert run_status(tmp_path, "mini").running == ()


@in_process_of_ray
@pytest.mark.slow
@pytest.mark.alone
def test_the_estimate_is_within_a_factor_of_two_of_the_run(ray_here, mini, tmp_path):
    """Measured before and after each of at most three runs, since other work comes and goes."""
    data = "data.synthetic={train: 256, valid: 64, test: 64}"
    model = ("experiment.model.width=16", "experiment.training={max_epochs: 4, device: cpu}")
    space = mini("search=", "confirm=", data, *model)
    launcher = launcher_of(space, folder=tmp_path / "none/mini", concurrency=1)
    seen = []
    for attempt in range(3):
        before = estimate_run(space, runs=tmp_path / "none", launcher=launcher).trial_seconds()
        summary = run_space(space, runs=tmp_path / str(attempt), concurrency=1)
        after = estimate_run(space, runs=tmp_path / "none", launcher=launcher).trial_seconds()
        seen.append((min(before, after), summary.seconds, max(before, after)))
        low, seconds, high = seen[-1]
        if low / 2 < seconds < 2 * high + launcher.expected().start_seconds:
            return
    pytest.fail(f"seconds: lower estimate, run, higher estimate: {seen}")
