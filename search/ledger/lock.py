"""One driver a run: two at once would repeat each other's trials."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from reports.storage import Place, StorePlace
from search.ledger.experiment import RunFolderError
from search.ledger.lease import FILE, Lease, is_held


class RunLock:
    """Hold a run folder for one process; the system lets go of it when the process dies.

    Args:
        folder: the run folder, which exists.

    Attributes:
        on_loss: never called: the system takes this lock from nobody.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._descriptor: int | None = None
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
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let go of the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


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
