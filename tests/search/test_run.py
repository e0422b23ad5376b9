"""Whole runs on a local Ray."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from benchmarks.trials_per_second import TrivialActor
from reports.ledger.reading.load import load_results
from search.errors import SearchError
from search.run import run_space
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS, rows, solo

pytestmark = RAY_IN_THIS_PROCESS

SEQUENTIAL = "resources.launcher=sequential"
ASHA = (
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=3",
)


def test_a_run_searches_confirms_and_ablates_two_at_a_time(ray_here, mini, tmp_path):
    before = {name for name in os.environ if name.startswith(("TUNE_", "RAY_"))}
    summary = run_space(mini(*ASHA), runs=tmp_path, concurrency=2)
    assert {name for name in os.environ if name.startswith(("TUNE_", "RAY_"))} == before
    assert (summary.failed, summary.interrupted) == (0, False)
    assert summary.finished + summary.stopped == summary.total == 10
    results = load_results(tmp_path / "mini")
    assert {trial.status for trial in results.trials.values()} <= {"finished", "stopped"}
    assert all(trial.test for trial in results.trials.values() if trial.status == "finished")
    assert not any(trial.test for trial in results.trials.values() if trial.status == "stopped")
    assert list((tmp_path / "mini/running").iterdir()) == []
    assert results.utterances().num_rows == 16 + 8 + 8
    kept = {path.relative_to(tmp_path / "mini/checkpoints") for path in models(tmp_path / "mini")}
    confirmed = [role.key for role in results.roles if role.phase == "confirm"]
    assert len(confirmed) == 2
    assert kept == {Path(key, "best.pt") for key in confirmed}
    assert not (tmp_path / "mini" / "scratch").exists()


def test_trials_shorter_than_the_start_of_a_worker_are_computed_by_two(
    ray_here, mini, tmp_path, monkeypatch
):
    """One worker starts three seconds later than the other, whose trials take a third of one."""
    workers = tmp_path / "workers"
    workers.mkdir()

    class Actor(TrivialActor):
        def setup(self, config):
            starts = not hasattr(self, "_task")
            super().setup(config)
            if starts:
                try:
                    (tmp_path / "first").touch(exist_ok=False)
                except FileExistsError:
                    time.sleep(3)

        def step(self):
            (workers / str(os.getpid())).touch()
            if len(list(workers.iterdir())) == 1:
                time.sleep(0.3)
            return super().step()

    monkeypatch.setattr("search.tune.trainable.TrialActor", Actor)
    space = mini("search.trials=60", "confirm=", "ablations=", "experiment.training.max_epochs=1")
    summary = run_space(space, runs=tmp_path, concurrency=2)
    assert (summary.finished, summary.failed) == (60, 0)
    assert len(list(workers.iterdir())) == 2


def models(run):
    return (run / "checkpoints").glob("*/*")


def test_trials_at_the_same_time_share_one_folder_of_states(ray_here, mini, tmp_path, monkeypatch):
    """Two trials at once with a frozen encoder, which start without any states."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("SUGRM_CACHE", str(cache))
    space = mini("search=", "confirm=", "ablations={one: {frozen: {model.text.finetune: false}}}")
    summary = run_space(space, runs=tmp_path, concurrency=2)
    assert (summary.finished, summary.failed) == (2, 0)
    names = [path.name for path in (cache / "text_states").iterdir()]
    (folder,) = [name for name in names if not name.startswith(".")]
    assert sorted(names) == [f".{folder}.lock", folder]
    trials = load_results(tmp_path / "mini").trials.values()
    assert len({trial.parameters for trial in trials}) == 1
    assert all(t.parameters > t.trainable_parameters for t in trials)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone resets a process's peak")
def test_a_small_trial_in_the_worker_of_a_large_one_has_its_own_peak(ray_here, mini, tmp_path):
    cells = "{small: {}, large: {model.width: 512}, again: {objective.loss: l2}}"
    space = mini("search=", "confirm=", f"ablations={{one: {cells}}}", "seeds=[1]")
    run_space(space, runs=tmp_path, concurrency=1)
    results = load_results(tmp_path / "mini")
    peaks = {role.cell: results.trials[role.key].peak_memory_mib for role in results.roles}
    assert peaks["large"] - peaks["small"] > 60
    assert peaks["again"] - peaks["small"] < (peaks["large"] - peaks["small"]) / 2


def test_a_run_with_nothing_left_does_not_start_ray(mini, tmp_path, monkeypatch):
    small = ("search=", "confirm=", "ablations={one: {baseline: {}}}", "seeds=[1]")
    first = run_space(mini(*small, SEQUENTIAL), runs=tmp_path)
    monkeypatch.setattr("search.tune.launcher.ray_capacity", lambda *_, **__: pytest.fail("Ray"))
    events = []
    again = run_space(mini(*small), runs=tmp_path, listen=events.append)
    assert (again.finished, again.total) == (first.finished, first.total) == (1, 1)
    assert [type(event).__name__ for event in events] == ["PlanReady", "RunEnded"]


def test_trials_in_reused_actors_equal_those_run_alone(ray_here, mini, tmp_path):
    """Two cells x two seeds through one actor, and each in this process, the last one first.

    A trial that depended on those before it would differ, since here those are others.
    """
    used = set()

    def look(event):
        if type(event).__name__ == "EpochDone":
            used.update(workers())

    run_space(mini("search=", "confirm="), runs=tmp_path, concurrency=1, listen=look)
    assert len(used) == 1
    trials = sorted(load_results(tmp_path / "mini").trials.values(), key=lambda t: t.ended_at)
    assert len(trials) == 4
    for trial in reversed(trials):
        scores = str(sorted(trial.valid.items())), str(sorted(trial.test.items()))
        assert scores == solo(trial)


def test_a_killed_worker_is_replaced_and_its_trial_ends_the_same(ray_here, mini, tmp_path):
    one = (
        "search=",
        "confirm=",
        "ablations={one: {baseline: {}}}",
        "seeds=[1]",
        "experiment.training.max_epochs=8",
    )
    space = mini(*one)
    run_space(mini(*one, SEQUENTIAL), runs=tmp_path / "undisturbed")
    killed = []

    def kill_once(event):
        if type(event).__name__ == "EpochDone" and event.epoch == 2 and not killed:
            killed.extend(workers())
            for worker in killed:
                os.kill(worker, signal.SIGKILL)

    events = []
    run_space(
        space,
        runs=tmp_path / "killed",
        concurrency=1,
        listen=lambda event: (kill_once(event), events.append(event)),
    )
    assert killed
    assert rows(tmp_path / "killed" / "mini") == rows(tmp_path / "undisturbed" / "mini")
    (trial,) = load_results(tmp_path / "killed" / "mini").trials.values()
    assert trial.attempts == 2
    epochs = [event.epoch for event in events if type(event).__name__ == "EpochDone"]
    assert epochs == list(range(1, 9))


def test_a_spent_budget_stops_the_run_for_the_next_command(ray_here, mini, tmp_path):
    """Ten seconds for 10,000 epochs; the start of a worker may take most of them."""
    space = mini(f"budget.hours={10 / 3600}", "experiment.training.max_epochs=10000")
    warnings = []
    summary = run_space(space, runs=tmp_path, concurrency=1, listen=warnings.append)
    assert (summary.interrupted, summary.finished) == (True, 0)
    assert len(list((tmp_path / "mini/running").iterdir())) == 1
    assert any("the budget of" in getattr(event, "message", "") for event in warnings)


def workers():
    """Return the processes of this process's Ray that compute trials."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            pid = int(status.parent.name)
            if status.read_bytes().startswith(b"ray::TrialActor") and os.getpid() in above(pid):
                found.append(pid)
    return found


def above(pid):
    while pid > 1:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        yield pid


def test_a_trial_that_fits_no_node_is_refused(ray_here, mini, tmp_path):
    with pytest.raises(SearchError, match="no node holds a trial: it asks for 512 CPUs"):
        run_space(mini("resources.cpus=512"), runs=tmp_path)
