"""The lock of a run folder: free when its holder dies, and lost when the folder goes."""

import errno
import fcntl
import shutil
import subprocess
import sys
import threading

import pytest

from search.ledger import lock
from search.ledger.experiment_file import RunFolderError
from search.ledger.lock import RunLock, is_locked

HOLDER = """
import sys, time
from pathlib import Path
from search.ledger.lock import RunLock
RunLock(Path(sys.argv[1])).__enter__()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "LOOK_SECONDS", 0.01)
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def moved(folder):
    folder.rename(folder.with_name("elsewhere"))


def replaced(folder):
    moved(folder)
    folder.mkdir()
    (folder / "lock").touch()


def unlocked(folder):
    (folder / "lock").unlink()


@pytest.mark.parametrize("go", [moved, shutil.rmtree, replaced, unlocked])
def test_a_folder_that_goes_while_it_is_held_is_reported_once(folder, go):
    messages, reported = [], threading.Event()
    with RunLock(folder) as held:
        held.on_loss = lambda message: (messages.append(message), reported.set())
        go(folder)
        assert reported.wait(timeout=30)
    (message,) = messages
    assert message.startswith(f"{folder} was moved or deleted")
    assert "put it back and run the same command again" in message


def test_a_folder_that_stays_is_not_reported(folder):
    messages = []
    with RunLock(folder) as held:
        held.on_loss = messages.append
        (folder / "file").touch()
        threading.Event().wait(0.1)
    assert messages == []
    shutil.rmtree(folder)
    assert messages == []


@pytest.mark.slow
def test_the_lock_of_a_killed_process_is_free_at_once(folder):
    command = [sys.executable, "-c", HOLDER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline().strip() == "held"
        before = is_locked(folder)
        holder.kill()
    assert (before, is_locked(folder)) == (True, False)
    with RunLock(folder):
        assert is_locked(folder)


def test_a_folder_that_is_gone_does_not_come_back(folder):
    folder.rename(folder.with_name("elsewhere"))
    assert not is_locked(folder)
    with pytest.raises(FileNotFoundError):
        RunLock(folder).__enter__()
    assert not folder.exists()


def test_the_question_makes_no_lock_file(folder):
    assert not is_locked(folder)
    assert list(folder.iterdir()) == []


def test_who_asks_at_the_same_time_is_not_taken_for_a_run(folder):
    with RunLock(folder):
        pass
    with (folder / "lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not is_locked(folder)


def test_a_run_that_starts_while_somebody_asks_is_not_refused(folder, monkeypatch):
    (folder / "lock").touch()
    with (folder / "lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        pauses = []

        def sleep(seconds):
            pauses.append(seconds)
            if len(pauses) == 2:  # the first attempt has failed
                fcntl.flock(other, fcntl.LOCK_UN)

        monkeypatch.setattr("search.ledger.lock.time.sleep", sleep)
        with RunLock(folder):
            assert is_locked(folder)
    assert len(pauses) == 2


def test_a_file_system_without_locks_is_named(folder, monkeypatch):
    def unsupported(descriptor, blocking):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "lock_descriptor", unsupported)
    with pytest.raises(RunFolderError, match=r"cannot be locked .*No locks available.*--runs"):
        RunLock(folder).__enter__()
