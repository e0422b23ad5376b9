"""Trials that fail in real workers: each is a row with its kind, or ends as if undisturbed."""

from pathlib import Path

import pytest

from reports.ledger.reading.load import load_results
from search.run import run_space
from search.trials.storage_failure import DiskFullError
from search.tune.cluster.session import ray_session
from tests.search.tune import fault_injector as fault
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS, solo

pytestmark = RAY_IN_THIS_PROCESS

FAULTS = ("search=", "confirm=", "ablations={one: {baseline: {}}}")
EPOCHS = "experiment.training.max_epochs=3"


@pytest.fixture(scope="module")
def faulty_workers(shared_ray, tmp_path_factory):
    """A Ray whose workers carry the fault injector."""
    import ray

    shared_ray.stop()

    root = str(Path(__file__).parents[3])
    variables = {"SUGRM_TEST_FAULTS": str(tmp_path_factory.mktemp("faults")), "PYTHONPATH": root}
    hook = "tests.search.tune.fault_injector.install"
    with ray_session(None, runtime_env={"env_vars": variables, "worker_process_setup_hook": hook}):
        yield ray


@pytest.fixture
def run(faulty_workers, mini, tmp_path):
    """Run one cell over seeds, which say what goes wrong."""

    def command(*seeds, concurrency=1, overrides=(), listen=lambda event: None):
        space = mini(*FAULTS, EPOCHS, f"seeds={list(seeds)}", *overrides)
        return run_space(space, runs=tmp_path, concurrency=concurrency, listen=listen)

    return command


def trials(tmp_path):
    return {trial.seed: trial for trial in load_results(tmp_path / "mini").trials.values()}


def failures(tmp_path):
    return {
        seed: (trial.failure, trial.attempts, trial.epochs)
        for seed, trial in trials(tmp_path).items()
        if trial.status == "failed"
    }


def assert_as_if_undisturbed(trial):
    assert trial.status == "finished"
    scores = str(sorted(trial.valid.items())), str(sorted(trial.test.items()))
    assert scores == solo(trial)


def test_each_failure_is_a_row_with_its_kind_and_its_attempts(run, tmp_path):
    summary = run(1, fault.RAISES, fault.NAN, fault.DIES, fault.MEMORY)
    assert (summary.finished, summary.failed) == (1, 4)
    assert failures(tmp_path) == {
        fault.RAISES: ("crash", 1, 1),
        fault.NAN: ("nan", 1, 1),
        fault.DIES: ("crash", 3, 1),
        fault.MEMORY: ("oom", 2, 1),
    }
    found = trials(tmp_path)
    assert found[fault.RAISES].message == "ValueError: a fault of the trial"
    assert "ValueError" in found[fault.RAISES].traceback
    assert_as_if_undisturbed(found[1])


def test_a_trial_beyond_its_time_is_ended_even_where_it_hangs(run, tmp_path):
    limit = "resources.timeout_minutes=0.4"
    run(fault.HANGS, fault.HANGS_HARD, 1, overrides=[limit])
    assert failures(tmp_path) == {
        fault.HANGS: ("timeout", 1, 1),
        fault.HANGS_HARD: ("timeout", 1, 1),
    }
    found = trials(tmp_path)
    assert "took longer than 0.4 minutes" in found[fault.HANGS].message
    assert "no epoch ended within" in found[fault.HANGS_HARD].message
    assert_as_if_undisturbed(found[1])


def test_what_befalls_a_trial_from_outside_changes_none_of_its_numbers(run, tmp_path):
    """A killed worker, one killed with half a checkpoint, and memory that ran out once."""
    events = []
    seeds = (fault.DIES_ONCE, fault.CHECKPOINT_CUT, fault.MEMORY_ONCE)
    summary = run(*seeds, concurrency=2, listen=events.append)
    assert (summary.finished, summary.failed) == (3, 0)
    for trial in trials(tmp_path).values():
        assert trial.attempts == 2
        assert_as_if_undisturbed(trial)
    warnings = [event.message for event in events if type(event).__name__ == "RunWarning"]
    assert any("last.pt cannot be read" in warning for warning in warnings)


def test_a_full_disk_under_a_worker_stops_the_run_until_there_is_space(run, tmp_path):
    with pytest.raises(DiskFullError, match=r"mini takes no more data .*File too large"):
        run(1, fault.DISK)
    assert list(trials(tmp_path)) == [1]
    assert not list((tmp_path / "mini/checkpoints").glob("**/*.tmp"))
    summary = run(1, fault.DISK)
    assert (summary.finished, summary.failed) == (2, 0)
    assert_as_if_undisturbed(trials(tmp_path)[fault.DISK])
