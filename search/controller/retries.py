"""Which failed trials are given to a worker again, and when.

A trial that failed for a reason outside of it is tried again, a limited number of times, and
continues from its checkpoint: ``MAX_RESTARTS`` times after a lost worker or node, once after memory
ran out, with nothing beside it. An exception or a loss that is not a number is never retried: it
would happen again.
"""

from collections import deque
from collections.abc import Collection
from typing import TYPE_CHECKING

from search.trials.protocol import CRASH, LOST_NODE, OOM, Failure

if TYPE_CHECKING:
    from search.queue.queued_trial import QueuedTrial

MAX_RESTARTS = 2
"""The most times that a command starts a trial again after its worker or node was lost."""


def is_retried(trial: "QueuedTrial", failure: Failure, *, lost: bool) -> bool:
    """Return whether a running trial gets another attempt after a failure.

    Args:
        trial: the trial, before ``Retries.add`` counts the failure.
        failure: what happened.
        lost: whether the worker died; else it reported the failure itself.
    """
    if failure.kind == OOM:
        return not trial.runs_alone
    return lost and failure.kind in (CRASH, LOST_NODE) and trial.losses < MAX_RESTARTS


class Retries:
    """The trials that wait for another attempt, in the order in which they failed."""

    def __init__(self) -> None:
        self._waiting: deque[QueuedTrial] = deque()

    def add(self, trial: "QueuedTrial", failure: Failure) -> None:
        """Count a failure of a running trial and let it wait for another attempt."""
        if failure.kind == OOM:
            trial.runs_alone = True
        else:
            trial.losses += 1
        trial.wait()
        self._waiting.append(trial)

    def take_next(self, running: "Collection[QueuedTrial]") -> "QueuedTrial | None":
        """Take the trial to start again, None if none can start beside those that run."""
        if not self._waiting or (self._waiting[0].runs_alone and running):
            return None
        return self._waiting.popleft()

    def holds_back(self, running: "Collection[QueuedTrial]") -> bool:
        """Return whether no new trial may start: one runs alone, or waits for another attempt."""
        return bool(self._waiting) or any(trial.runs_alone for trial in running)
