"""A tracker that works in a thread of its own, so that it neither slows nor ends a run."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reports.ledger.trials import Trial
from search.tracking.protocol import EpochValues, TrackedTrial, Tracker

Task = Callable[[Tracker], None]

_PAUSE_SECONDS = 1.0  # between two rounds of writing: epochs of a second are sent together
_RETRY_SECONDS = 30.0  # after a failure
_MOST_WAITING = 20_000  # tasks that wait while a server is away
_LONGEST = 200  # characters of an error


@dataclass(slots=True)
class _Epochs:
    """Epochs of one trial that wait to be written together."""

    key: str
    values: list[EpochValues] = field(default_factory=list)

    def __call__(self, tracker: Tracker) -> None:
        tracker.write_epochs(self.key, self.values)


class BackgroundTracker:
    """Pass a run on to a tracker, in order, from another thread.

    What the tracker raises is kept as a warning, once; what failed is tried again later, so that
    nothing is lost while a server is away for a while. Histograms are not passed on.

    Args:
        name: the name of the tracker in warnings.
        make: returns the tracker; called in the thread, since it may import a large package and
            wait for a server.
        retry_seconds: the seconds between two attempts after a failure.
    """

    def __init__(
        self, name: str, make: Callable[[], Tracker], *, retry_seconds: float = _RETRY_SECONDS
    ) -> None:
        self._name, self._make, self._retry_seconds = name, make, retry_seconds
        self._tasks: deque[Task] = deque()
        self._waiting: dict[str, _Epochs] = {}
        self._tracker: Tracker | None = None
        self._lock = threading.Lock()
        self._has_tasks, self._closing = threading.Event(), threading.Event()
        self._warnings: list[str] = []
        self._has_failed = self._is_incomplete = False
        self._thread = threading.Thread(target=self._work, name=f"tracker-{name}", daemon=True)
        self._thread.start()

    def start_trial(self, trial: TrackedTrial) -> None:
        """Let the tracker show a trial that starts."""
        self.add(lambda tracker: tracker.start_trial(trial))

    def write_epoch(self, key: str, epoch: EpochValues) -> None:
        """Let the tracker show an epoch, together with the trial's other ones that wait."""
        light = replace(epoch, labels={})
        with self._lock:
            if (waiting := self._waiting.get(key)) is not None:
                waiting.values.append(light)
                return
        self.add(_Epochs(key, [light]))

    def end_trial(self, trial: Trial) -> None:
        """Let the tracker show that a trial has ended."""
        self.add(lambda tracker: tracker.end_trial(trial))

    def attach_report(self, page: Path) -> None:
        """Let the tracker keep the page of the report."""
        self.add(lambda tracker: tracker.attach_report(page))

    def add(self, task: Task) -> None:
        """Add a task for the tracker; once too many wait, no more are taken."""
        with self._lock:
            self._is_incomplete = self._is_incomplete or len(self._tasks) >= _MOST_WAITING
            if self._is_incomplete:
                return
            self._tasks.append(task)
            if isinstance(task, _Epochs):
                self._waiting[task.key] = task
        self._has_tasks.set()

    def take_warnings(self) -> Sequence[str]:
        """Return what went wrong since the last call, one line each."""
        with self._lock:
            taken, self._warnings = self._warnings, []
        return taken

    def warn(self, what: str) -> None:
        """Warn of the tracker; its name comes before ``what``."""
        with self._lock:
            self._warnings.append(f"{self._name} {what}. The ledger has every result")

    def close(self, *, done: bool, wait_seconds: float) -> None:
        """Write what is left, for at most ``wait_seconds`` seconds, and end the tracker."""
        self.add(lambda tracker: tracker.close(done=done))
        self._closing.set()
        self._has_tasks.set()
        self._thread.join(wait_seconds)
        if self._thread.is_alive() or self._is_incomplete:
            self.warn("does not have the whole run; the same command again sends the rest")

    def _work(self) -> None:
        while self._tasks or not self._closing.is_set():
            self._has_tasks.wait()
            self._closing.wait(_PAUSE_SECONDS)
            self._has_tasks.clear()
            while (task := self._take()) is not None:
                if not self._carries_out(task):
                    self._is_incomplete = True
                    return

    def _take(self) -> Task | None:
        with self._lock:
            task = self._tasks.popleft() if self._tasks else None
            if isinstance(task, _Epochs):
                del self._waiting[task.key]
            return task

    def _carries_out(self, task: Task) -> bool:
        """Carry out a task, again and again until it succeeds; at the run's end only once more."""
        while True:
            is_last = self._closing.is_set()
            try:
                if self._tracker is None:
                    self._tracker = self._make()
                task(self._tracker)
            except Exception as error:  # whatever a tracker raises, the run goes on
                self._note(error)
            else:
                return True
            if is_last:
                return False
            self._closing.wait(self._retry_seconds)

    def _note(self, error: Exception) -> None:
        if not self._has_failed:
            self._has_failed = True
            why = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
            self.warn(f"cannot be written to: {why}; it is tried again")
