"""The command line in an empty folder: as a process of its own, or in that of the tests."""

import io
import os
import subprocess
import sys

import pytest

from search.cli.main import execute
from sugrm.config.registry.registered import preserved

SHORTER = [
    "--set",
    "experiment.training.max_epochs=1",
    "--set",
    "seeds=[1]",
    "--set",
    "confirm.seeds=[1]",
    "--set",
    "ablations={}",
    "--trials",
    "1",
]
"""Appended to the runs of guides, to save time: one trial of the search, one that confirms it."""


@pytest.fixture
def command(tmp_path):
    """Return a function that gives the arguments of ``subprocess`` for a command line."""
    environment = {**os.environ, "SUGRM_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}

    def arguments(*words):
        start = [sys.executable, "-c", "from search.cli.main import main; main()", *words]
        return {"args": start, "cwd": tmp_path, "env": environment, "text": True}

    return arguments


@pytest.fixture
def here(tmp_path, monkeypatch, capsys):
    """Return a function that runs a command line in this process, trials included.

    That saves twenty seconds a run; test_command_line.py has whole runs with Ray's workers.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))

    def run(*words):
        if words[0] == "run":
            words = (*words, "--launcher", "sequential")
        monkeypatch.setattr(sys, "argv", ["sugrm-search", *words])
        code = execute(words)
        shown = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, shown.out, shown.err)

    return run


@pytest.fixture
def call(here, monkeypatch):
    """Return a function that runs a command line of a guide and returns its output.

    Runs and dry runs are short: a dry run of a whole search measures a trial for each group of
    configurations, which takes minutes with a real text encoder.
    """

    def called(*words, given=None):
        if words[0] == "run":
            words = (*words, *SHORTER)
        if given is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        done = here(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    with preserved():
        yield called
