"""One driver per run: two at once would repeat each other's trials.

A run in a folder is held by ``filelock.lock_descriptor`` on the file ``lock`` in it: ``flock`` on
Unix, also over NFS, ``LockFileEx`` on Windows. The system releases it when the driver dies, however
it dies; the file stays and means nothing by itself. ``filelock.FileLock`` makes missing folders, so
it would bring back a run folder that was moved; ``SoftFileLock`` outlives a killed driver.

Programs that the driver starts do not inherit the lock. A fork without a program would share it.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from filelock import lock_descriptor

from reports.ledger.places.storage import Place, StorePlace
from search.ledger.experiment_file import RunFolderError
from search.ledger.lease import FILE, Lease
from search.ledger.lock_query import PAUSES, is_file_locked

LOOK_SECONDS = 1.0
"""Seconds between two checks whether a held run folder is still in its place."""


class RunLock:
    """Lock of a run folder for one process; the system releases it when the process dies.

    Args:
        folder: the run folder, which must exist.

    Attributes:
        on_loss: called once, with a message, if the folder or its lock file is moved or deleted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder.absolute() / FILE
        self._descriptor: int | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.on_loss: Callable[[str], None] = lambda message: None

    def __enter__(self) -> "RunLock":
        """Take the lock.

        Raises:
            RunFolderError: another process holds it, or the file system has no locks.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._lock(descriptor)
        except RunFolderError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        self._ended.clear()
        self._thread = threading.Thread(target=self._watch, name="run-folder", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release the lock."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_taken(self) -> bool:
        """Return whether a process holds the folder."""
        return is_file_locked(self._path)

    def _lock(self, descriptor: int) -> None:
        try:
            for pause in PAUSES:
                time.sleep(pause)
                if lock_descriptor(descriptor, blocking=False):
                    return
        except OSError as error:
            raise RunFolderError(
                f"{self._path.parent} cannot be locked ({error}); expected a file system with "
                "locks; name a folder on another one with --runs"
            ) from error
        raise RunFolderError(
            f"{self._path.parent} is in use by another run; expected one run a folder at a "
            "time; wait for it to end, or name another folder with --runs"
        )

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            if not self._is_in_place():
                self.on_loss(gone_message(self._folder))
                return

    def _is_in_place(self) -> bool:
        """Return whether the path of the lock file still leads to the file that is locked."""
        assert self._descriptor is not None
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(self._descriptor))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # a network file system that does not answer for now
            return True


def gone_message(folder: Place) -> str:
    """Return the message that the folder of a run is gone."""
    return (
        f"{folder} was moved or deleted, or files in it, while its run was at work; expected it to "
        "stay until the run ends; put it back and run the same command again to go on, or run it "
        "to start anew"
    )


def lock_of(run: Place) -> RunLock | Lease:
    """Return the lock of a run: hold it in a ``with`` block."""
    return Lease(run) if isinstance(run, StorePlace) else RunLock(Path(str(run)))


def is_locked(run: Place) -> bool:
    """Return whether a driver holds the run; no lock is made or kept for the question."""
    return lock_of(run).is_taken()
