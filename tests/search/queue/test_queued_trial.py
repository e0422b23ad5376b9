"""The state of a trial in the driver."""

import pytest

from search.queue.queued_trial import QueuedTrial, TrialState


@pytest.fixture
def trial(opened):
    run = opened("search=", "confirm=")
    return run.trial_queue().take_next()


def test_a_trial_whose_worker_was_lost_waits_for_another_one(trial):
    assert (trial.state, trial.is_running) == (TrialState.WAITING, False)
    trial.start(attempts=1)
    assert trial.is_running
    trial.wait()
    assert (trial.state, trial.is_running) == (TrialState.WAITING, False)
    trial.start(attempts=2)
    trial.end()
    assert (trial.state, trial.attempts) == (TrialState.ENDED, 2)


@pytest.mark.parametrize("command", [QueuedTrial.wait, QueuedTrial.end])
def test_a_trial_that_no_worker_has_neither_waits_again_nor_ends(trial, command):
    with pytest.raises(RuntimeError, match=r"WAITING; expected .*RUNNING"):
        command(trial)
    assert trial.state is TrialState.WAITING


def test_a_running_trial_is_given_to_no_second_worker(trial):
    trial.start(attempts=1)
    with pytest.raises(RuntimeError, match=r"RUNNING; expected .*WAITING"):
        trial.start(attempts=2)
    assert trial.attempts == 1
