"""One driver a run: two at once would repeat each other's trials."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from search.ledger.experiment import RunFolderError


class RunLock:
    """Hold a run folder for one process; the system lets go of it when the process dies.

    Args:
        folder: the run folder, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._descriptor: int | None = None

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
