"""The lock of a run folder: it notices when the folder goes."""

import shutil
import threading

import pytest

from search.ledger import lock
from search.ledger.lock import RunLock


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
def test_a_folder_that_goes_while_it_is_held_is_told_once(folder, go):
    heard, told = [], threading.Event()
    with RunLock(folder) as held:
        held.on_loss = lambda message: (heard.append(message), told.set())
        go(folder)
        assert told.wait(timeout=30)
    (message,) = heard
    assert message.startswith(f"{folder} was moved or deleted")
    assert "put it back and run the same command again" in message


def test_a_folder_that_stays_is_told_of_by_nothing(folder):
    heard = []
    with RunLock(folder) as held:
        held.on_loss = heard.append
        (folder / "file").touch()
        threading.Event().wait(0.1)
    assert heard == []
    shutil.rmtree(folder)
    assert heard == []
