"""One driver a run: two at once would repeat each other's trials."""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from reports.ledger.places.storage import Place, StorePlace
from search.ledger.experiment_file import RunFolderError
from search.ledger.lease import FILE, Lease, is_held

LOOK_SECONDS = 1.0
"""Between two looks whether a held run folder is still in its place."""


class RunLock:
    """Hold a run folder for one process; the system lets go of it when the process dies.

    Args:
        folder: the run folder, which exists.

    Attributes:
        on_loss: told what happened if the folder, or the lock in it, is moved or deleted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder.absolute() / FILE
        self._descriptor: int | None = None
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.on_loss: Callable[[str], None] = lambda message: None

    def __enter__(self) -> "RunLock":
        """Take the folder.

        Raises:
            RunFolderError: another process holds it.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise RunFolderError(
                f"{self._path.parent} is in use by another run; expected one run a folder at a "
                "time; wait for it to end, or name another folder with --runs"
            ) from error
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
        """Let go of the folder."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            if not self._is_in_place():
                self.on_loss(gone_message(self._folder))
                return

    def _is_in_place(self) -> bool:
        """Return whether the lock's path leads to the lock that is held."""
        assert self._descriptor is not None
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(self._descriptor))
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:  # a network file system that does not answer now
            return True


def gone_message(folder: Place) -> str:
    """Say that a run's folder has gone from its place."""
    return (
        f"{folder} was moved or deleted, or its {FILE}, while its run was at work; expected it to "
        "stay until the run ends; put it back and run the same command again to go on, or run it "
        "to start anew"
    )


def hold(run: Place) -> RunLock | Lease:
    """Return what holds a run for this process while its block lasts."""
    return Lease(run) if isinstance(run, StorePlace) else RunLock(Path(str(run)))


def is_locked(run: Place) -> bool:
    """Return whether a driver holds the run; asking takes no lock that outlives the question."""
    if isinstance(run, StorePlace):
        return is_held(run)
    try:
        descriptor = os.open(str(run / FILE), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
