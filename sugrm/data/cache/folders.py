"""Folders of the cache: written beside their place and renamed, so each is whole or not there."""

import fcntl
import logging
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sugrm.errors import DataError

_logger = logging.getLogger(__name__)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what goes wrong while the cache is written into a ``DataError``."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{folder}: cannot write the corpus cache ({error}); free some space, or name another "
            "folder in SUGRM_CACHE"
        ) from error


def write_whole(folder: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` make a folder beside ``folder``, then rename it."""
    unfinished = folder.with_name(f"{_unfinished(folder)}{uuid.uuid4().hex}")
    try:
        write(unfinished)
        os.rename(unfinished, folder)
    except OSError:
        if not folder.exists():
            raise
        # Another process was first with the same content: its folder serves.
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def alone(folder: Path, task: str) -> Iterator[None]:
    """Hold the right to make ``folder``, which one process of a machine has at a time.

    The system lets go of it when the process dies; what a process killed while writing has left
    is then removed. Whoever has waited finds the folder made, unless that failed: look again.

    Args:
        folder: that is to be made, with ``write_whole``.
        task: what the others wait for, as in "waiting for another process that computes this".
    """
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(folder.with_name(f".{folder.name}.lock"), flags, 0o666)
    try:
        if _locked(descriptor, task):
            for left in folder.parent.glob(f"{_unfinished(folder)}*"):
                shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int, task: str) -> bool:
    """Wait for the lock; return whether there is one on this file system."""
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _logger.info("waiting for another process that %s", task)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        _logger.warning("no lock in the cache (%s): another process may do the same work", error)
        return False
    return True


def _unfinished(folder: Path) -> str:
    """Return how the names of unfinished folders begin: a lock may not reach other machines."""
    return f".unfinished-{folder.name}-{socket.gethostname()}-"
