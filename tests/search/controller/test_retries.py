"""What becomes of a trial whose attempt failed; the learner is made up (conftest)."""

import errno

import pytest

from reports.ledger.places.storage import StorageError
from search.trials.protocol import Failure, Report
from search.trials.storage_failure import DiskFullError

TWO_CELLS = ("search=", "confirm=", "seeds=[1]")


def failure(kind, message="m"):
    return Failure(kind=kind, message=message, traceback=f"{message}\nmore")


@pytest.fixture
def run(command):
    """Two cells; the first was handed out as trial 0 and none of its epochs was received."""
    return command(*TWO_CELLS, cut_off=0)


def finish(run, trial_id):
    task = run.tasks[trial_id]
    for report in run.answers(task, 0):
        run.controller.receive(trial_id, report, node="node")


def ended(run):
    return [event.name.cell for event in run.named("TrialEnded")]


def test_a_trial_whose_worker_was_lost_goes_on_where_it_was(run):
    """It is handed out first; the checkpoint's epochs come again and none is counted twice."""
    controller = run.controller
    key = run.tasks["0"].key
    first, last = run.answers(run.tasks["0"], 1)
    assert not controller.receive("0", first, node="one")
    controller.receive_loss("0", failure("crash"))
    (warning,) = run.named("RunWarning")
    assert f"the worker of {run.named('TrialStarted')[0].name.title} on one was lost" in (
        warning.message
    )
    assert run.hand_out("1").key == key
    assert not controller.receive("1", first, node="two")
    assert controller.receive("1", last, node="two")
    row = run.ledger.trials[key]
    assert (row.status, row.epochs, row.attempts) == ("finished", 2, 2)
    assert [event.epoch for event in run.named("EpochDone")] == [1, 2]
    assert len(run.named("TrialStarted")) == 1


def test_a_trial_that_loses_every_worker_is_a_failed_row(run):
    for trial_id in "012":
        if trial_id != "0":
            run.hand_out(trial_id)
        run.controller.receive_loss(trial_id, failure("lost_node", "its node has died"))
    (row,) = run.ledger.trials.values()
    assert (row.status, row.failure, row.attempts) == ("failed", "lost_node", 3)
    assert (row.message, row.traceback) == ("its node has died", "its node has died\nmore")


def test_a_trial_out_of_memory_runs_again_with_nothing_beside_it(run):
    controller = run.controller
    key = run.tasks["0"].key
    other = run.hand_out("1").key
    assert other != key
    assert controller.receive("0", Report(failure=failure("oom")), node="node")
    assert run.hand_out("2") is None  # the other one still runs
    assert not controller.is_finished
    finish(run, "1")
    assert run.hand_out("3").key == key
    assert run.hand_out("4") is None  # nothing starts beside it
    finish(run, "3")
    assert ended(run) == ["remove MRM", "baseline"]
    assert run.ledger.trials[key].attempts == 2
    assert controller.is_finished


def test_a_trial_out_of_memory_alone_is_a_failed_row(run):
    run.controller.receive("0", Report(failure=failure("oom")), node="node")
    run.hand_out("1")
    run.controller.receive("1", Report(failure=failure("oom")), node="node")
    (row,) = run.ledger.trials.values()
    assert (row.failure, row.attempts) == ("oom", 2)


@pytest.mark.parametrize("kind", ["crash", "nan", "timeout"])
def test_what_would_happen_again_is_not_tried_again(run, kind):
    assert run.controller.receive("0", Report(failure=failure(kind)), node="node")
    (row,) = run.ledger.trials.values()
    assert (row.failure, row.attempts) == (kind, 1)


def test_a_trial_that_waits_for_another_attempt_is_kept_by_an_interrupt(run):
    run.controller.receive_loss("0", failure("crash"))
    run.controller.interrupt("interrupted")
    assert run.hand_out("1") is None
    assert run.controller.is_finished
    assert not run.ledger.trials
    assert len(list((run.folder / "running").glob("*.json"))) == 1


def test_a_full_disk_under_a_worker_ends_the_run_and_not_the_trial(run):
    with run.controller.guarded():
        run.controller.receive("0", Report(failure=failure("disk", "No space left")), node="node")
    assert run.controller.closing
    assert isinstance(run.controller.error, DiskFullError)
    assert "takes no more data (No space left)" in str(run.controller.error)
    assert not run.ledger.trials
    assert len(list((run.folder / "running").glob("*.json"))) == 1


def test_a_full_disk_under_the_driver_ends_the_run(run, monkeypatch):
    def full(*arguments, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run.ledger, "add", full)
    with run.controller.guarded():
        finish(run, "0")
    assert isinstance(run.controller.error, DiskFullError)
    assert not run.ledger.trials


def test_a_store_that_fails_under_the_driver_ends_the_run(run, monkeypatch):
    def unanswered(*arguments, **named):
        raise StorageError("s3://runs/mini/trials: the store does not answer")

    monkeypatch.setattr(run.ledger, "add", unanswered)
    with run.controller.guarded():
        finish(run, "0")
    assert run.controller.closing
    assert isinstance(run.controller.error, DiskFullError)
    assert not run.ledger.trials
