"""Trials in the hands of workers, and which of them are handed out again.

What failed for a reason outside of the trial is tried again, a bounded number of times, and goes on
from its checkpoint: a lost worker or node ``MAX_RESTARTS`` times, memory that ran out once, with
nothing beside it. An exception or a loss that is not a number would come again: never.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from search.trials.protocol import CRASH, LOST_NODE, OOM, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from search.queue.requests import QueuedTrial
    from sugrm import EpochRecord

MAX_RESTARTS = 2
"""How often a command starts a trial again after its worker or node was lost."""


@dataclass(slots=True)
class Live:
    """A trial that was handed out and has not ended.

    Attributes:
        item: what runs.
        attempts: how often it was handed to a worker, over all commands.
        records: of the epochs heard.
        losses: the workers that were lost under it, in this command.
        alone: its memory ran out, so nothing runs beside it.
    """

    item: "QueuedTrial"
    attempts: int
    records: "list[EpochRecord]" = field(default_factory=list)
    losses: int = 0
    alone: bool = False

    def may_run_again(self, failure: Failure, *, lost: bool) -> bool:
        """Count a failure; return whether the trial is worth another attempt.

        Args:
            failure: what happened.
            lost: the worker died; else it reported the failure itself.
        """
        if failure.kind == OOM:
            before, self.alone = self.alone, True
            return not before
        if lost and failure.kind in (CRASH, LOST_NODE):
            self.losses += 1
            return self.losses <= MAX_RESTARTS
        return False


class Retries:
    """The trials that wait for another attempt, first lost, first served."""

    def __init__(self) -> None:
        self._waiting: deque[Live] = deque()

    def __len__(self) -> int:
        """Return how many trials wait."""
        return len(self._waiting)

    def add(self, live: Live) -> None:
        """Let a trial wait."""
        self._waiting.append(live)

    def next(self, running: "Mapping[str, Live]") -> Live | None:
        """Return the trial to hand out again, None if none can be now."""
        if not self._waiting or (self._waiting[0].alone and running):
            return None
        return self._waiting.popleft()

    def holds_back(self, running: "Mapping[str, Live]") -> bool:
        """Return whether nothing else may start: a trial runs alone, or is about to."""
        return bool(self._waiting) or any(live.alone for live in running.values())
