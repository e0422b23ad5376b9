import os
import subprocess

import pytest

from search.estimate.neighbours import busy_neighbours


def test_neighbours_are_there_while_wanted_and_gone_after(monkeypatch):
    started = []
    popen = subprocess.Popen

    def start(command):
        started.append(popen(command))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    with busy_neighbours(2):
        assert [process.poll() for process in started] == [None, None]
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


def test_no_neighbours_are_started_for_a_trial_alone(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda command: pytest.fail("a process"))
    with busy_neighbours(0):
        pass
