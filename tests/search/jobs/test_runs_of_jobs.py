"""Whole runs whose trials are jobs, here processes of this machine; deaths on both sides."""

import os
import shutil
import signal
import time

import pytest

from search.run import run_space
from search.status.jobs_at_work import FOLDER
from search.status.run_status import run_status
from tests.search.tune.drivers import (
    alive,
    assert_gone,
    children,
    command_of,
    driver,
    go_on,
    in_process_of_ray,
    rows,
)

pytest.importorskip("submitit")
pytestmark = pytest.mark.slow

HERE = ("resources.launcher=sequential",)
JOBS = ("resources={launcher: submitit, jobs: {cluster: local}}",)
FEW_WITH_TEXT = (
    "experiment.model.modalities=[text, audio, vision]",
    "search.trials=2",
    "confirm=",
    "seeds=[1]",
)
LONG = (
    *JOBS,
    "search=",
    "confirm=",
    "ablations={one: {one: {}}}",
    "seeds=[1]",
    "experiment.training={max_epochs: 40, patience: 40, batch_size: 16, device: cpu}",
)


def computing(process):
    """Return the processes below a driver that compute a trial."""
    found = children(process.pid)
    return [pid for pid in found if b"submitit.core._submit" in command_of(pid)]


def wait_for(condition, seconds=90):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def last(runs):
    return list(runs.glob("mini/checkpoints/*/last.pt"))


@in_process_of_ray
@pytest.mark.parametrize("scheduler", ["none", "{name: asha, min_epochs: 1, reduction: 2}"])
def test_every_launcher_gives_the_numbers_of_ray(ray_here, mini, tmp_path, scheduler):
    """One at a time, the order of suggestions and of early stops is the same."""
    is_early = scheduler != "none"
    changes = (f"search.scheduler={scheduler}",) if is_early else FEW_WITH_TEXT
    for name, more in (("ray", ()), ("jobs", JOBS), ("here", HERE)):
        summary = run_space(mini(*changes, *more), runs=tmp_path / name, concurrency=1)
        assert not summary.failed
        assert (summary.stopped > 0) == is_early
    assert rows(tmp_path / "jobs" / "mini") == rows(tmp_path / "ray" / "mini")
    assert rows(tmp_path / "here" / "mini") == rows(tmp_path / "ray" / "mini")
    assert not (tmp_path / "jobs" / "mini" / FOLDER).exists()


def test_a_killed_driver_leaves_jobs_that_the_next_command_ends(mini_file, tmp_path):
    with driver(mini_file, tmp_path, *LONG) as process:
        wait_for(lambda: last(tmp_path))
        jobs = computing(process)
        process.kill()
        process.wait()
    assert len(jobs) == 1
    assert alive(jobs[0])
    os.kill(jobs[0], signal.SIGSTOP)  # it would be done in a moment
    (warning,) = run_status(tmp_path, "mini").warnings
    os.kill(jobs[0], signal.SIGCONT)
    assert warning.startswith("1 job is still computing, but no command works on this run")
    with driver(mini_file, tmp_path, *LONG) as process:
        wait_for(lambda: computing(process))
        assert_gone(jobs)
        said = process.stdout.read()
        process.wait()
    assert "RunWarning" in said
    assert said.endswith("done\n")
    ((_, status, epochs, *_),) = rows(tmp_path / "mini").values()
    assert (status, epochs) == ("finished", 40)
    assert not (tmp_path / "mini" / FOLDER).exists()
    assert run_status(tmp_path, "mini").warnings == ()


def test_ray_and_a_command_with_nothing_left_end_such_jobs_too(mini_file, tmp_path):
    with driver(mini_file, tmp_path, *LONG) as process:
        wait_for(lambda: last(tmp_path))
        jobs = computing(process)
        process.kill()
        process.wait()
    folder = tmp_path / "mini" / FOLDER
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    with driver(mini_file, tmp_path, *LONG[len(JOBS) :]) as process:
        said = process.stdout.read()
        process.wait()
    assert_gone(jobs)
    assert "RunWarning" in said
    assert not folder.exists()
    shutil.copytree(kept, folder)  # as if the first command had been killed at the end of its run
    with driver(mini_file, tmp_path, *LONG[len(JOBS) :]) as process:
        assert "RunWarning" in process.stdout.read()
        process.wait()
    assert not folder.exists()


def test_a_killed_job_is_given_to_another_one(mini_file, tmp_path):
    with driver(mini_file, tmp_path, *LONG) as process:
        wait_for(lambda: last(tmp_path))
        os.kill(computing(process)[0], signal.SIGKILL)
        said = process.stdout.read()
        process.wait()
    assert said.endswith("done\n")
    assert said.count("TrialStarted") == 1
    assert "RunWarning" in said
    ((_, status, epochs, *_),) = rows(tmp_path / "mini").values()
    assert (status, epochs) == ("finished", 40)


def test_a_job_that_must_make_room_goes_on_from_its_checkpoint(mini_file, tmp_path):
    with driver(mini_file, tmp_path, *LONG) as process:
        wait_for(lambda: last(tmp_path))
        (first,) = computing(process)
        os.kill(first, signal.SIGUSR2)  # as Slurm does
        wait_for(lambda: computing(process) not in ([], [first]))
        said = process.stdout.read()
        process.wait()
    assert said.endswith("done\n")
    assert "RunWarning" not in said
    assert said.count("EpochDone") == 40
    ((_, status, epochs, *_),) = rows(tmp_path / "mini").values()
    assert (status, epochs) == ("finished", 40)


def test_ctrl_c_ends_the_jobs_and_the_same_command_goes_on(mini_file, tmp_path):
    go_on(mini_file, tmp_path, *LONG, epochs=3)
    assert not (tmp_path / "mini" / FOLDER).exists()
    assert [pid for pid in children(os.getpid()) if b"submitit" in command_of(pid)] == []
    assert last(tmp_path)
    go_on(mini_file, tmp_path, *LONG)
    ((_, status, epochs, *_),) = rows(tmp_path / "mini").values()
    assert (status, epochs) == ("finished", 40)
