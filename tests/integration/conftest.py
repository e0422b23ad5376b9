"""The command line as a process of its own, in an empty folder."""

import os
import sys

import pytest


@pytest.fixture
def command(tmp_path):
    """Return a function that gives the arguments of ``subprocess`` for a command line."""
    environment = {**os.environ, "SUGRM_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}

    def arguments(*words):
        start = [sys.executable, "-c", "from search.cli.main import main; main()", *words]
        return {"args": start, "cwd": tmp_path, "env": environment, "text": True}

    return arguments
