import errno
import logging
import os
import subprocess
import sys
import threading

import pytest

import sugrm.data.cache.folders as folders
from sugrm.data.cache.folders import folder_lock, write_whole, writing
from sugrm.errors import DataError

NO_FCNTL = """
import importlib, pkgutil, sys, warnings
sys.modules["fcntl"] = None  # as on Windows
warnings.simplefilter("ignore")  # filelock's, of a Unix without fcntl
import sugrm
for module in pkgutil.walk_packages(sugrm.__path__, "sugrm."):
    importlib.import_module(module.name)
print("imported")
"""


def make(folder):
    folder.mkdir()
    (folder / "content").write_text("whole")


def test_a_folder_whose_writing_fails_is_not_there(tmp_path):
    def breaks(folder):
        make(folder)
        raise MemoryError

    with pytest.raises(MemoryError):
        write_whole(tmp_path / "folder", breaks)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    with monkeypatch.context() as killed:
        killed.setattr(folders.os, "rename", None)
        killed.setattr(folders.shutil, "rmtree", lambda path, ignore_errors: None)
        with pytest.raises(TypeError):
            write_whole(folder, make)
    other = tmp_path / ".unfinished-folder-elsewhere-1"  # of another machine, perhaps at work
    other.mkdir()
    assert len(list(tmp_path.iterdir())) == 2
    with folder_lock(folder, "makes it"):
        assert sorted(path.name for path in tmp_path.iterdir()) == [".folder.lock", other.name]


def test_who_waits_says_for_what_and_comes_next(tmp_path, caplog):
    order, waiting = [], threading.Event()

    class Waiting(logging.Handler):
        def emit(self, record):
            if record.getMessage() == "waiting for another process that makes it":
                waiting.set()

    def second():
        with folder_lock(tmp_path / "folder", "makes it"):
            order.append("second")

    thread = threading.Thread(target=second)
    logger = logging.getLogger(folders.__name__)
    handler = Waiting()
    logger.addHandler(handler)
    with caplog.at_level(logging.INFO), folder_lock(tmp_path / "folder", "makes it"):
        thread.start()
        assert waiting.wait(timeout=20)
        order.append("first")
    thread.join()
    logger.removeHandler(handler)
    assert order == ["first", "second"]


def test_without_locks_in_the_file_system_the_work_is_done_all_the_same(
    tmp_path, monkeypatch, caplog
):
    def unsupported(descriptor, blocking=True):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(folders, "lock_descriptor", unsupported)
    unfinished = []
    with pytest.raises(OSError, match="No such file"):  # nothing is written
        write_whole(tmp_path / "folder", unfinished.append)
    (other,) = unfinished
    other.mkdir()
    with folder_lock(tmp_path / "folder", "makes it"):
        assert other.exists()  # it may be at work
    assert "no lock in the cache" in caplog.text


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    with (
        pytest.raises(DataError, match=r"cannot write the corpus cache .*SUGRM_CACHE"),
        folder_lock(tmp_path / "cache" / "folder", "makes it"),
    ):
        pass


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "give this user write permission there"),
        (errno.ENOTDIR, "check the path"),
    ],
)
def test_the_advice_for_a_cache_that_cannot_be_written_suits_the_error(tmp_path, number, advice):
    said = os.strerror(number)
    with pytest.raises(DataError) as caught, writing(tmp_path):
        raise OSError(number, said)
    assert str(caught.value) == (
        f"{tmp_path}: cannot write the corpus cache ({said}); {advice}, or name another folder in "
        "SUGRM_CACHE"
    )


@pytest.mark.slow
def test_every_module_of_sugrm_is_imported_without_fcntl():
    command = [sys.executable, "-c", NO_FCNTL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "imported\n", done.stderr
