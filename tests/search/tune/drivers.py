"""What tests of whole runs share: their marks, runs in processes of their own, what runs gave."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from reports.ledger.reading.load import load_results
from search import load_space
from search.run import run_space
from tests.search.conftest import MINI

RAY_IN_THIS_PROCESS = [
    pytest.mark.cluster,
    # Ray's own: deprecations of its dependencies, and sockets that it closes at exit.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""Marks of the tests of a module that starts Ray in the process of the tests."""


def in_process_of_ray(test):
    """Give one test of a module these marks."""
    return functools.reduce(lambda marked, mark: mark(marked), RAY_IN_THIS_PROCESS, test)


DRIVER = """
import gc, sys

gc.disable()  # it would take a third of the time of the imports
from pathlib import Path
from search import load_space
from search.run import run_space

space = load_space(sys.argv[1], overrides=sys.argv[4:])
summary = run_space(
    space,
    runs=Path(sys.argv[2]),
    concurrency=int(sys.argv[3]),
    listen=lambda event: print(type(event).__name__, flush=True),
)
print("interrupted" if summary.interrupted else "done", flush=True)
gc.freeze()
"""


def rows(folder):
    """Return role -> key, status, epochs, validation and test scores."""
    results = load_results(folder)
    found = {}
    for role in results.roles:
        trial = results.trials[role.key]
        name = (role.phase, role.group, role.cell, role.number, role.seed)
        found[name] = (
            role.key,
            trial.status,
            trial.epochs,
            str(sorted(trial.valid.items())),
            str(sorted(trial.test.items())),
        )
    return found


@contextlib.contextmanager
def driver(file, runs, *overrides, concurrency=1):
    """Run the space in a session of its own, which is killed at the end if it still runs."""
    arguments = [str(file), str(runs), str(concurrency), *overrides]
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def children(pid):
    """Return the processes below ``pid``."""
    below, seen = [pid], []
    while below:
        parent = below.pop()
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                values = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(values[1]) == parent and values[0] != "Z":
                below.append(int(status.parent.name))
                seen.append(int(status.parent.name))
    return seen


def workers(pid):
    """Return the processes below ``pid`` that train: between two steps they have another name."""
    names = (b"ray::ResourceTrainable", b"ray::TrialActor")
    return [each for each in children(pid) if command_of(each).startswith(names)]


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def assert_gone(pids, seconds=15):
    """A busy machine takes a moment to end a process that was killed."""
    end = time.monotonic() + seconds
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def go_on(file, runs, *overrides, concurrency=1, epochs=None):
    """Run the space in this process to its end, or to a Ctrl-C after so many epochs."""
    done = []

    def interrupt(event):
        if type(event).__name__ == "EpochDone":
            done.append(event)
            if len(done) == epochs:
                os.kill(os.getpid(), signal.SIGINT)

    space = load_space(file, overrides=overrides)
    summary = run_space(space, runs=runs, concurrency=concurrency, listen=interrupt)
    assert summary.interrupted == (epochs is not None)


def wait_for(process, line, times):
    while times:
        times -= process.stdout.readline().strip() == line


def solo(trial):
    """Return the validation and test scores of a trial's row, computed again in this process."""
    import torch

    from sugrm import ExperimentConfig, fit, load_corpus
    from sugrm.config import DataConfig

    config = ExperimentConfig.model_validate_json(trial.config)
    data = DataConfig.model_validate(yaml.safe_load(MINI)["data"])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in a worker: sums of another order differ in the last bit
    result = fit(config, load_corpus(data, config.alignment), seed=trial.seed)
    torch.set_num_threads(threads)
    return str(sorted(result.valid.items())), str(sorted(result.test.items()))
