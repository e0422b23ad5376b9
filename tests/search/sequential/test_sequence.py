"""Runs whose trials are computed one after another in the process of the command."""

import functools
import gc
import importlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from reports.ledger.reading.load import load_results
from search.cli.main import execute
from search.errors import RunTerminated, SearchError
from search.estimate.estimate import estimate_run
from search.events import PlanReady, RunWarning, TrialStarted, WorkersStarting
from search.ledger.experiment_file import RunFolderError
from search.run import run_space
from search.sequential.sequence import Sequence
from search.status.run_status import run_status
from sugrm.training import TrainingRun
from tests.search.tune.drivers import driver, rows, wait_for
from tests.search.without_text import mini_file, mini_spaces

__all__ = ["mini_file", "mini_spaces"]

pytestmark = pytest.mark.slow
SEQUENTIAL = "resources.launcher=sequential"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def at_epoch(monkeypatch):
    """Return a function that calls another one where the n-th epoch begins."""
    run_epoch = TrainingRun.run_epoch

    def call(number, do):
        begun = []

        def counted(self):
            begun.append(self)
            if len(begun) == number:
                do()
            return run_epoch(self)

        monkeypatch.setattr(TrainingRun, "run_epoch", counted)
        return begun

    return call


def test_the_process_computes_alone_and_is_afterwards_as_it_was(mini, tmp_path, monkeypatch):
    monkeypatch.setattr("search.tune.launcher.ray_capacity", lambda *_, **__: pytest.fail("Ray"))
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr("search.sequential.launcher.usable_cpus", lambda: 2)
    torch.manual_seed(5)
    random.seed(5)
    np.random.seed(5)
    before = state()
    events, threads = [], set()

    def listen(event):
        events.append(event)
        threads.add(torch.get_num_threads())

    summary = run_space(mini(SEQUENTIAL, "resources.cpus=2"), runs=tmp_path, listen=listen)
    assert (summary.finished, summary.failed, summary.total) == (10, 0, 10)
    assert 2 in threads
    assert state() == before
    assert events[0] == WorkersStarting(where="in this process, without workers")
    trials = load_results(tmp_path / "mini").trials.values()
    assert {trial.column("device") for trial in trials} == {"cpu"}
    assert {trial.column("gpus") for trial in trials} == {None}
    assert {trial.column("node") for trial in trials} == {socket.gethostname()}


def state():
    """Return what a run may not change in the process of its caller."""
    return (
        os.environ["OMP_NUM_THREADS"],
        os.environ.get("PYTHONBREAKPOINT"),
        torch.get_num_threads(),
        signal.getsignal(signal.SIGINT),
        gc.isenabled(),
        random.getstate(),
        str(np.random.get_state()),
        torch.get_rng_state().tolist(),
    )


def test_a_gpu_that_trials_must_not_use_is_not_used(mini, tmp_path, monkeypatch):
    """PyTorch has seen it already, so no variable can hide it any more."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "made up")
    changes = ("resources.gpus=0", "experiment.training.device=auto", "search=", "confirm=")
    summary = run_space(mini(SEQUENTIAL, *changes), runs=tmp_path)
    assert (summary.finished, summary.failed) == (4, 0)


def test_ctrl_c_leaves_an_epoch_at_once_and_the_same_command_goes_on(mini, tmp_path, at_epoch):
    run_space(mini(SEQUENTIAL), runs=tmp_path / "whole")
    later = []

    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        later.append("reached")

    begun = at_epoch(6, interrupt)
    summary = run_space(mini(SEQUENTIAL), runs=tmp_path / "runs")
    assert summary.interrupted
    assert (len(begun), later) == (6, [])
    assert [trial.status for trial in load_results(tmp_path / "runs/mini").trials.values()] == (
        ["finished"] * 2
    )
    assert not run_space(mini(SEQUENTIAL), runs=tmp_path / "runs").interrupted
    assert rows(tmp_path / "runs" / "mini") == rows(tmp_path / "whole" / "mini")
    trials = load_results(tmp_path / "whole" / "mini").trials.values()
    assert (
        len(begun) == sum(trial.epochs for trial in trials) + 1
    )  # only the epoch that was left is computed once more


def test_sigterm_ends_the_run_and_fails_no_trial(mini, tmp_path, at_epoch):
    at_epoch(3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(RunTerminated):
        run_space(mini(SEQUENTIAL), runs=tmp_path)
    trials = load_results(tmp_path / "mini").trials.values()
    assert [trial.status for trial in trials] == ["finished"]
    assert run_space(mini(SEQUENTIAL), runs=tmp_path).finished == 10


def test_an_interruption_waits_for_the_end_of_an_import(mini, tmp_path, monkeypatch, at_epoch):
    """Half a module would stay behind, and fail in later trials of this process."""
    (tmp_path / "half.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhole = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    at_epoch(3, lambda: importlib.import_module("half"))
    summary = run_space(mini(SEQUENTIAL), runs=tmp_path / "runs")
    assert (summary.interrupted, summary.failed) == (True, 0)
    assert sys.modules.pop("half").whole


def test_an_error_of_a_listener_at_ctrl_c_is_raised_and_fails_no_trial(mini, tmp_path, at_epoch):
    def listen(event):
        if isinstance(event, RunWarning):
            raise ValueError("from the listener")

    at_epoch(3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(ValueError, match="from the listener"):
        run_space(mini(SEQUENTIAL), runs=tmp_path, listen=listen)
    trials = load_results(tmp_path / "mini").trials.values()
    assert {trial.status for trial in trials} == {"finished"}


EXITED = (
    "the code of the trial called sys.exit(0); expected that it returns or raises an exception; "
    "remove the call"
)
ERRORS = {
    "error": (RuntimeError("this epoch only"), "crash", "RuntimeError: this epoch only", 1),
    "memory": (MemoryError("too much"), None, None, 0),  # tried once more
    "exit": (SystemExit(0), "crash", EXITED, 1),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_code_raises_is_a_row_and_the_run_goes_on(mini, tmp_path, at_epoch, name):
    error, kind, message, failed = ERRORS[name]

    def fail():
        raise error

    at_epoch(4, fail)
    summary = run_space(mini(SEQUENTIAL), runs=tmp_path)
    assert (summary.finished, summary.failed) == (10 - failed, failed)
    trials = load_results(tmp_path / "mini").trials.values()
    rows = [(trial.failure, trial.message) for trial in trials if trial.status == "failed"]
    assert rows == [(kind, message)] * failed


def test_a_run_whose_folder_another_command_has_taken_writes_no_more(
    mini, tmp_path, monkeypatch, at_epoch
):
    made = []

    class Seen(Sequence):
        def run(self, controller):
            made.append(controller)
            super().run(controller)

    monkeypatch.setattr("search.sequential.launcher.Sequence", Seen)
    at_epoch(4, lambda: made[0].abandon("another command has it"))  # the last one of its trial
    with pytest.raises(RunFolderError, match="another command has it"):
        run_space(mini(SEQUENTIAL), runs=tmp_path)
    assert len(load_results(tmp_path / "mini").trials) == 1


def test_a_spent_budget_stops_before_the_next_epoch(mini, tmp_path):
    assert run_space(mini(SEQUENTIAL, "budget.epochs=5"), runs=tmp_path).spent == "epochs"
    assert run_status(tmp_path, "mini").usage.epochs == 5
    assert run_space(mini(SEQUENTIAL), runs=tmp_path).finished == 10


def test_no_time_limit_holds_since_time_in_a_debugger_would_count(mini, tmp_path, at_epoch):
    lines = []

    def listen(event):
        lines.extend([event.gpus] if isinstance(event, PlanReady) else [])

    at_epoch(3, lambda: time.sleep(0.4))
    space = mini(SEQUENTIAL, "resources.timeout_minutes=0.005", "search=", "confirm=")
    summary = run_space(space, runs=tmp_path, listen=listen)
    assert (summary.finished, summary.failed) == (4, 0)
    limit = "no time limit (resources.timeout_minutes is not applied)"
    assert lines[0].endswith(f"; in this process, {limit}")


def test_a_second_run_in_the_same_process_is_refused_but_not_in_another_thread_alone(
    mini, tmp_path
):
    """In a thread, as a notebook may run a cell, there are no signals to handle."""
    refused = []

    def listen(event):
        if isinstance(event, TrialStarted) and not refused:
            with pytest.raises(SearchError, match="another run with") as error:
                run_space(mini(SEQUENTIAL), runs=tmp_path / "second")
            refused.append(error)

    run = functools.partial(run_space, mini(SEQUENTIAL), runs=tmp_path / "first", listen=listen)
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(run).result().finished == 10
    assert refused
    assert not (tmp_path / "second").exists()


def test_the_lines_are_plain_in_a_terminal_too(mini_file, tmp_path, monkeypatch, capsys):
    """A live view would be drawn over the prompt of a debugger."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    words = ["--set", "search=", "--set", "confirm=", "--set", "seeds=[1]"]
    runs = ["--runs", str(tmp_path / "runs")]
    assert execute(["run", str(mini_file), *words, *runs, "--launcher", "sequential"]) == 0
    shown = capsys.readouterr().out
    assert "modules/baseline seed 1" in shown
    assert "\x1b" not in shown


def test_a_killed_run_goes_on_with_the_numbers_of_an_undisturbed_one(mini_file, mini, tmp_path):
    run_space(mini(SEQUENTIAL), runs=tmp_path / "whole")
    with driver(mini_file, tmp_path / "runs", SEQUENTIAL) as process:
        wait_for(process, "EpochDone", 5)
        process.kill()
        process.wait()
    run_space(mini(SEQUENTIAL), runs=tmp_path / "runs")
    assert rows(tmp_path / "runs" / "mini") == rows(tmp_path / "whole" / "mini")


REFUSED = {
    "address": ((), ("--address", "auto"), "--address auto names a Ray cluster"),
    "two at once": ((), ("--concurrency", "2"), "--concurrency is 2, but resources.launcher is"),
    "no GPU": (
        ("experiment.training.device=cuda",),
        (),
        "a trial asks for 1 GPU (resources.gpus: auto, training.device: cuda), but PyTorch finds "
        "no GPU on this machine; expected one, or trials on the CPU: for these add --set "
        "resources.gpus=auto --set experiment.training.device=auto",
    ),
    "CPUs": (
        ("resources.cpus=512",),
        (),
        "resources.cpus is 512, but this process may use",
    ),
}


@pytest.mark.parametrize("is_dry", [True, False])
@pytest.mark.parametrize("name", REFUSED)
def test_what_one_process_cannot_do_is_refused_before_anything_is_written(
    mini_file, tmp_path, capsys, name, is_dry
):
    changes, words, message = REFUSED[name]
    given = [word for change in changes for word in ("--set", change)]
    given += [*words, *(["--dry-run"] if is_dry else [])]
    runs = tmp_path / "runs"
    command = ["run", str(mini_file), "--runs", str(runs), "--launcher", "sequential"]
    assert execute([*command, *given]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not runs.exists()


def test_the_estimate_has_one_trial_at_a_time_and_no_start(mini, tmp_path):
    found = estimate_run(mini(SEQUENTIAL), runs=tmp_path)
    assert (found.concurrency, found.expected.start_seconds) == (1, 0)


AFTER_RAY = {"PYTHONBREAKPOINT": "ray.util.rpdb._breakpoint"}
"""What a Ray leaves in a process, as in a notebook that has run a space with it."""


@pytest.mark.parametrize("leaves", [False, True])
def test_a_breakpoint_in_a_model_stops_there_and_ray_is_not_imported(tmp_path, leaves):
    code = (EXAMPLES / "late_fusion.py").read_text()
    code = code.replace("        self.hidden =", "        breakpoint()\n        self.hidden =")
    (tmp_path / "paused.py").write_text(code)
    (tmp_path / "space.yaml").write_text(
        "name: debugged\nplugins: [paused.py]\n"
        "data: {dataset: synthetic, synthetic: {train: 16, valid: 8, test: 8}}\n"
        "experiment: {model: {name: late_fusion, text: {name: tiny}}}\n"
        "seeds: [1]\nablations: {one: {one: {}}}\n"
    )
    program = (
        "import sys, search.cli.main as cli\n"
        "code = cli.execute(sys.argv[1:])\n"
        "print('ray' in sys.modules, code)"
    )
    words = ("run", "space.yaml", "--launcher", "sequential")
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        input=f"joined * 0 + 42\n{'q' if leaves else 'c'}\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "SUGRM_CACHE": str(tmp_path / "cache"), **AFTER_RAY},
        timeout=120,
    )
    assert f"> {tmp_path / 'paused.py'}(" in done.stdout, done.stdout + done.stderr
    assert "(Pdb) 42\n" in done.stdout
    assert done.stdout.endswith(f"False {130 if leaves else 0}\n")
    assert ("warning: the debugger was left, so the run stops" in done.stdout) == leaves
    assert len(load_results(tmp_path / "runs/debugged").trials) == (0 if leaves else 1)
