"""A trial that is about to run, with every role that it will fill."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH

if TYPE_CHECKING:
    from search.sampling.study import Suggestion
    from search.trials.factory import ResolvedTrial


@dataclass(frozen=True, slots=True)
class Request:
    """A role that waits for a trial.

    Attributes:
        role: why the trial runs.
        trial: that it needs.
        suggestion: the running trial in the study, of a role of the search.
        is_repeat: the search has suggested this trial before. The study hears of it once more; no
            role is recorded, since a continued search suggests the same again.
    """

    role: Role
    trial: "ResolvedTrial"
    suggestion: "Suggestion | None" = None
    is_repeat: bool = False


@dataclass(slots=True)
class QueuedTrial:
    """A trial and the roles that wait for it; roles join while it runs."""

    trial: "ResolvedTrial"
    asked: list[Request] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Return the trial's key."""
        return self.trial.key

    @property
    def role(self) -> Role:
        """Return the role that started the trial."""
        return self.asked[0].role

    @property
    def roles(self) -> tuple[Role, ...]:
        """Return every role that waits for the trial, repeated suggestions left out."""
        return tuple(asked.role for asked in self.asked if not asked.is_repeat)

    @property
    def stoppable(self) -> bool:
        """Return whether the search alone waits for the trial, so that it may be stopped early."""
        return all(role.phase == SEARCH for role in self.roles)
