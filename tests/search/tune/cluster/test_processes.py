"""A run ends its own processes, not whoever looks into its folder."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search.tune.cluster.authentication import own_token
from search.tune.cluster.processes import end_processes, processes_with

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "ray" / "log"
    file.parent.mkdir()
    file.touch()
    return file


@pytest.fixture
def orphan(log):
    """Start readers of the log that do not descend from this process."""
    started = []

    def start(**variables):
        tail = ["sh", "-c", 'tail -f "$0" >/dev/null 2>&1 & echo $!', str(log)]
        env = {"PATH": os.environ["PATH"], **variables}
        pid = int(subprocess.run(tail, env=env, check=True, capture_output=True).stdout)
        started.append(pid)
        while pid not in processes_with(log.parent):
            time.sleep(0.01)
        return pid

    yield start
    for pid in started:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def test_who_reads_a_log_of_the_run_lives_on_and_who_has_its_token_dies(log, orphan):
    with own_token():
        stranger = orphan()
        other_run = orphan(RAY_AUTH_TOKEN="0" * 64)
        own = orphan(RAY_AUTH_TOKEN=os.environ["RAY_AUTH_TOKEN"])
        end_processes(log.parent)
    assert sorted(processes_with(log.parent)) == sorted([stranger, other_run])
    assert own not in (stranger, other_run)


def test_without_a_token_nobody_is_taken_for_one_who_has_it(log, orphan, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_TOKEN", "")
    stranger = orphan(RAY_AUTH_TOKEN="")
    end_processes(log.parent)
    assert processes_with(log.parent) == [stranger]


def test_a_process_below_this_one_dies(log):
    child = subprocess.Popen(["sh", "-c", 'tail -f "$LOG"; true'], env={**os.environ, "LOG": log})
    while not (found := processes_with(log.parent)):
        time.sleep(0.01)
    end_processes(log.parent)
    child.wait()
    assert child.pid not in found
    assert processes_with(log.parent) == []


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_process_is_known_by_its_open_file(log, tmp_path, is_linked):
    """Also where the folder for temporary files is a link: the system names its target."""
    folder = log.parent
    if is_linked:
        (tmp_path / "link").symlink_to(tmp_path)
        folder = tmp_path / "link" / folder.name
    with log.open() as opened:
        child = subprocess.Popen(["sleep", "60"], stdin=opened)
    wait_for(folder, [child.pid])
    end_processes(folder)
    assert child.wait() == -signal.SIGKILL


def wait_for(folder, pids):
    until = time.monotonic() + 30
    while processes_with(folder) != pids:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_process_that_has_opened_nothing_yet_is_known_by_its_command(log):
    """Ray's node manager, while it starts: frozen or slow, it would outlive the run."""
    child = subprocess.Popen(["sh", "-c", "kill -STOP $$", f"--log_dir={log.parent}/logs"])
    wait_for(log.parent, [child.pid])
    end_processes(log.parent)
    assert child.wait() == -signal.SIGKILL


def test_a_process_of_another_user_is_left_alone(log, orphan, monkeypatch):
    with own_token():
        pid = orphan(RAY_AUTH_TOKEN=os.environ["RAY_AUTH_TOKEN"])
        monkeypatch.setattr(os, "geteuid", lambda: Path("/proc/self").stat().st_uid + 1)
        end_processes(log.parent)
    assert processes_with(log.parent) == [pid]


@pytest.mark.slow
def test_a_worker_that_names_itself_keeps_its_token_in_sight():
    """Ray's ``setproctitle`` overwrites the environment that others see, unless it is forbidden."""
    code = "from ray._raylet import setproctitle as s; s('ray::IDLE'); "
    code += "print(open('/proc/self/environ').read())"
    with own_token():
        said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        assert os.environ["RAY_AUTH_TOKEN"] in said.stdout.decode()
