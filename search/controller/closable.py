"""Whether a run still starts trials, and what closed it."""

import contextlib
from collections.abc import Callable, Iterator

from reports.ledger.places.storage import Place
from search.ledger.experiment_file import RunFolderError
from search.ledger.lock import gone_message
from search.trials.storage_failure import disk_full, ends_the_run


class ClosableRun:
    """A run that Ctrl-C, a spent budget, failures alone or an error of the driver can close.

    An error of the driver's own work (a full disk) is kept in ``error``, since Ray would log it
    and go on.

    Args:
        folder: the run folder.
        warn: gets the reason why the run is closed before its plan is done.

    Attributes:
        closing: whether no trial starts any more and those that run should stop.
        interrupted: whether Ctrl-C, the budget or failures alone closed the run before its end.
        spent: the budget that closed the run, None if none did.
        gave_up: whether the run was closed because every trial had failed.
        error: the error that broke the driver, None if none did.
    """

    def __init__(self, folder: Place, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self.warn = warn
        self.closing = self.interrupted = self.gave_up = False
        self.spent: str | None = None
        self.error: Exception | None = None

    def interrupt(self, message: str) -> None:
        """Start no more trials; those that run stay recorded as running."""
        if not self.closing:
            self.closing = self.interrupted = True
            self.warn(message)

    def give_up(self, message: str) -> None:
        """Close the run, since every trial so far has failed."""
        self.gave_up = True
        self.interrupt(message)

    def abandon(self, message: str) -> None:
        """Close the run, since its folder is no longer its own."""
        self.error = self.error or RunFolderError(message)
        self.closing = True

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Keep an error of the driver and close the run."""
        try:
            yield
        except Exception as error:
            if ends_the_run(error):
                error = disk_full(self._folder, str(error))
            elif isinstance(error, FileNotFoundError) and self._has_lost(error.filename):
                error = RunFolderError(gone_message(self._folder))
            self.error = self.error or error
            self.closing = True

    def _has_lost(self, file: object) -> bool:
        """Return whether a file of the run's folder is missing, which may be half removed yet."""
        return not self._folder.is_dir() or str(file).startswith(f"{self._folder}/")
