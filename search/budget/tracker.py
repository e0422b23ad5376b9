"""How much a command has used of its run's budget, counted while it works."""

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
"""The time between two looks at the clock. A killed command loses its last seconds,
and all of them before its first trial."""


class BudgetTracker:
    """Count what a run uses; the cost of an update does not grow with the ledger.

    Args:
        budget: the space's budget section.
        run: the run folder.
        trials: the trials in the ledger as the command begins, by key.
        records: whether a damaged record of the time is set aside.

    Attributes:
        warnings: a line if the recorded time could not be read.
    """

    def __init__(
        self,
        budget: "Budget",
        run: Place,
        *,
        trials: "Mapping[str, Trial]",
        records: bool = True,
    ) -> None:
        self._budget, self._run = budget, run
        self._epochs = own_epochs(trials.values())
        self._total = sum(self._epochs.values())
        self._cut_off: dict[str, int] = {}
        recorded, self.warnings = (recover_time if records else read_time_with_warning)(run)
        self._before, self._started = recorded.seconds, time.monotonic()
        self._started_at = datetime.now(UTC)

    @property
    def usage(self) -> Usage:
        """Return how much the run has used over all of its commands."""
        seconds = self._before + time.monotonic() - self._started
        return Usage(seconds=seconds, trials=len(self._epochs), epochs=self._total)

    @property
    def earlier_seconds(self) -> float:
        """Return the time that earlier commands of the run used."""
        return self._before

    def count_from(self, started: float) -> None:
        """Count the time of this command from an earlier moment: its checks and workers come first.

        Args:
            started: the moment, as ``time.monotonic`` tells it.
        """
        self._started = started

    def add_cut_off(self, trials: "Iterable[StartedTrial]") -> None:
        """Count the epochs of trials that an earlier command did not end."""
        for trial in trials:
            self._cut_off[trial.key] = trial.epoch
            if trial.epoch:
                self.record_epochs(trial.key, trial.epoch)

    def record_epochs(self, key: str, epoch: int) -> None:
        """Count a trial that has started, and its epochs up to ``epoch``, each once."""
        before = self._epochs.get(key, 0)
        self._epochs[key] = max(before, epoch)
        self._total += self._epochs[key] - before

    def is_repeated(self, key: str, epoch: int) -> bool:
        """Return whether an earlier command computed an epoch of a trial that was cut off."""
        return epoch <= self._cut_off.get(key, 0)

    def spent_before(self, key: str) -> str | None:
        """Return the budget that keeps trial ``key`` from starting, None if none does."""
        name = spent_budget(self._budget, self.usage)
        return None if name == "trials" and key in self._epochs else name

    @property
    def exhausted(self) -> str | None:
        """Return the budget that ends the running trials, None if none does."""
        name = spent_budget(self._budget, self.usage)
        return None if name == "trials" else name

    def message(self, name: str) -> str:
        """Return the message that the budget ``name`` is spent."""
        return spent_message(self._budget, name)

    @contextlib.contextmanager
    def clock(self, stop: Callable[[str], None]) -> Iterator[None]:
        """Record the time while the run works, and call ``stop("hours")`` when the hours are spent.

        A write that fails, because the disk is full or a store does not answer, is ignored: the
        run's own writes then fail as well and say why, and the next write here may succeed.
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
        """Return the seconds to the next look at the clock, at most until the hours are spent."""
        if self._budget.hours is None:
            return TICK_SECONDS
        left = self._budget.hours * 3600 - self.usage.seconds
        return min(TICK_SECONDS, left) if left > 0 else TICK_SECONDS

    def _record(self) -> None:
        with contextlib.suppress(OSError, StorageError):
            used = RecordedTime(seconds=self.usage.seconds, started_at=self._started_at)
            write_time(self._run, used)
