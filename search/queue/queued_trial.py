"""A trial in the driver, from the request that starts it to its row in the ledger."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH
from search.events import TrialName
from search.queue.requests import Request

if TYPE_CHECKING:
    from search.trials.factory import ResolvedTrial
    from sugrm import EpochRecord


class TrialState(Enum):
    """Where a trial is: it waits for a worker, runs on one, or has a row in the ledger."""

    WAITING = auto()
    RUNNING = auto()
    ENDED = auto()


@dataclass(slots=True, kw_only=True)
class QueuedTrial:
    """A trial that the run computes, and the requests that wait for it.

    Attributes:
        trial: the resolved trial.
        requests: the requests that the trial answers, at least one. The first one started it; more
            may join until the trial has ended.
        state: where the trial is.
        records: the epochs that its workers have reported, in order.
        attempts: how many times a worker was given the trial, over all commands.
        losses: how many of its workers were lost in this command.
        runs_alone: whether its memory ran out, so that nothing may run beside it.
    """

    trial: "ResolvedTrial"
    requests: list[Request]
    state: TrialState = TrialState.WAITING
    records: "list[EpochRecord]" = field(default_factory=list)
    attempts: int = 0
    losses: int = 0
    runs_alone: bool = False

    @property
    def key(self) -> str:
        """Return the trial's key."""
        return self.trial.key

    @property
    def role(self) -> Role:
        """Return the role that started the trial."""
        return self.requests[0].role

    @property
    def name(self) -> TrialName:
        """Return the name of the trial in events: its first role and its key."""
        return TrialName.of(self.role, self.key)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return every role that waits for the trial, without repeated suggestions."""
        return tuple(request.role for request in self.requests if not request.is_repeat)

    @property
    def max_epochs(self) -> int:
        """Return the most epochs of the trial."""
        return self.trial.config.training.max_epochs

    @property
    def is_searched(self) -> bool:
        """Return whether the search waits for the trial."""
        return any(role.phase == SEARCH for role in self.roles)

    @property
    def is_stoppable(self) -> bool:
        """Return whether only a suggestion waits for the trial, so that it may be stopped early.

        A trial of the search with another seed than the leading one runs to its end.
        """
        return all(role.leads for role in self.roles)

    @property
    def leads(self) -> bool:
        """Return whether a suggestion waits for the trial, whose first seed it has."""
        return any(role.leads for role in self.roles)

    @property
    def is_running(self) -> bool:
        """Return whether a worker has the trial."""
        return self.state is TrialState.RUNNING

    def start(self, *, attempts: int) -> None:
        """Give the waiting trial to a worker, for the ``attempts``-th time."""
        self._move(TrialState.WAITING, TrialState.RUNNING)
        self.attempts = attempts

    def wait(self) -> None:
        """Take the running trial from its worker, so that it waits for another one."""
        self._move(TrialState.RUNNING, TrialState.WAITING)

    def end(self) -> None:
        """End the running trial, whose row is in the ledger."""
        self._move(TrialState.RUNNING, TrialState.ENDED)

    def _move(self, before: TrialState, after: TrialState) -> None:
        if self.state is not before:
            raise RuntimeError(f"trial {self.key} is {self.state}; expected {before}")
        self.state = after
