"""Folders of the cache: written under another name and renamed, so each is whole or absent.

Locks are ``filelock.lock_descriptor``: ``flock`` on Unix, ``LockFileEx`` on Windows. The system
releases them when the process dies. A ``SoftFileLock`` would work on any shared disk, but a killed
process leaves it behind.
"""

import errno
import logging
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import lock_descriptor

from sugrm.errors import DataError

_logger = logging.getLogger(__name__)
_ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "give this user write permission there",
    errno.EPERM: "give this user write permission there",
    errno.EROFS: "mount it for writing",
}
"""What to do about an error of the system, by its number."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Raise a ``DataError`` when the block cannot write the cache."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "check the path")
        raise DataError(
            f"{folder}: cannot write the corpus cache ({error.strerror or error}); {advice}, or "
            "name another folder in SUGRM_CACHE"
        ) from error


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Call ``write`` with the path of a temporary folder, then rename that to ``folder``."""
    unfinished = folder.with_name(f"{_unfinished(folder)}{uuid.uuid4().hex}")
    try:
        write(unfinished)
        os.rename(unfinished, folder)
    except OSError:
        if not folder.exists():
            raise
        # Another process wrote the same content first; its folder is used.
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def folder_lock(folder: Path, task: str) -> Iterator[None]:
    """Hold the lock of ``folder`` while the block makes it; other processes wait.

    The lock is a file beside the folder. Unfinished folders that a killed process of this machine
    left are removed. Check in the block whether the folder exists: another process may have made
    it during the wait. Without locks in the file system the block runs all the same.

    Args:
        folder: the folder that the block makes with ``write_whole``.
        task: what the holder does, for the log: "waiting for another process that TASK".
    """
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.with_name(f".{folder.name}.lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if _lock(descriptor, task):
            for left in folder.parent.glob(f"{_unfinished(folder)}*"):
                shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, task: str) -> bool:
    """Wait for the lock; return False if the file system has none."""
    try:
        if not lock_descriptor(descriptor, blocking=False):
            _logger.info("waiting for another process that %s", task)
            lock_descriptor(descriptor)
    except OSError as error:
        _logger.warning("no lock in the cache (%s): another process may do the same work", error)
        return False
    return True


def _unfinished(folder: Path) -> str:
    """Return the prefix of this machine's unfinished folders: a lock may not reach other ones."""
    return f".unfinished-{folder.name}-{socket.gethostname()}-"
