"""The budget of a run at work: what its ledger and its running trials add up to."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, StorageError
from search.budget.limits import Usage, own_epochs, spent_budget, spent_message
from search.budget.recorded_time import (
    RecordedTime,
    read_time_with_warning,
    recover_time,
    write_time,
)

if TYPE_CHECKING:
    from reports.ledger.trials import Trial
    from search.ledger import StartedTrial
    from search.space.sections import Budget

TICK_SECONDS = 5.0
"""Between two looks at the clock; a killed command's last seconds are lost."""


class BudgetTracker:
    """Count what a run takes, in steps that do not grow with its ledger.

    Args:
        budget: of the space.
        run: the run folder.
        trials: those of the ledger as the run begins, by key.
        records: set a damaged record of the hours aside.

    Attributes:
        warnings: a line where the recorded time could not be read.
    """

    def __init__(
        self,
        budget: "Budget",
        run: Place,
        trials: "Mapping[str, Trial]",
        *,
        records: bool = True,
    ) -> None:
        self._budget, self._run = budget, run
        self._epochs = own_epochs(trials.values())
        self._total = sum(self._epochs.values())
        spent, self.warnings = (recover_time if records else read_time_with_warning)(run)
        self._before, self._started = spent.seconds, time.monotonic()
        self._started_at = datetime.now(UTC)

    @property
    def usage(self) -> Usage:
        """Return what the run has taken over all of its commands."""
        seconds = self._before + time.monotonic() - self._started
        return Usage(seconds=seconds, trials=len(self._epochs), epochs=self._total)

    def add_cut_off(self, trials: "Iterable[StartedTrial]") -> None:
        """Count the epochs of trials that an earlier command left unfinished."""
        for trial in trials:
            if trial.epoch:
                self.record_epochs(trial.key, trial.epoch)

    def record_epochs(self, key: str, epoch: int) -> None:
        """Count a trial that has started and its epochs; one shown again counts once."""
        before = self._epochs.get(key, 0)
        self._epochs[key] = max(before, epoch)
        self._total += self._epochs[key] - before

    def refusal(self, key: str) -> str | None:
        """Return which budget keeps a trial from starting, None if none does."""
        name = spent_budget(self._budget, self.usage)
        return None if name == "trials" and key in self._epochs else name

    @property
    def exhausted(self) -> str | None:
        """Return which budget ends the trials that run, None if none does."""
        name = spent_budget(self._budget, self.usage)
        return None if name == "trials" else name

    def message(self, name: str) -> str:
        """Say that a budget is spent."""
        return spent_message(self._budget, name)

    @contextlib.contextmanager
    def clock(self, stop: Callable[[str], None]) -> Iterator[None]:
        """Record the hours while the run works, and ``stop`` it with a budget's name at their end.

        The file is written now and then. Where the disk is full, or a store does not answer, that
        fails, as the run's own writing then does, which tells why; here the next write may succeed.
        """
        over = threading.Event()

        def tick() -> None:
            while not over.wait(self._wait()):
                self._record()
                if self.exhausted == "hours":
                    stop("hours")

        watch = threading.Thread(target=tick, name="budget", daemon=True)
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()
            self._record()

    def _wait(self) -> float:
        """Return the seconds to the next look, no later than the end of the hours."""
        if self._budget.hours is None:
            return TICK_SECONDS
        left = self._budget.hours * 3600 - self.usage.seconds
        return min(TICK_SECONDS, left) if left > 0 else TICK_SECONDS

    def _record(self) -> None:
        with contextlib.suppress(OSError, StorageError):
            spent = RecordedTime(seconds=self.usage.seconds, started_at=self._started_at)
            write_time(self._run, spent)
