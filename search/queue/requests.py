"""A request for a trial: one role that the plan wants a trial for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.roles import Role

if TYPE_CHECKING:
    from search.sampling.study import Suggestion
    from search.trials.factory import ResolvedTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A role and the trial that it needs.

    Attributes:
        role: why the trial runs.
        trial: the resolved trial.
        suggestion: the study's running trial, for a role of the search; else None.
        is_repeat: whether the search has suggested this trial before. The study gets its result
            once more; no role is recorded, since a continued search repeats the suggestion.
        is_reopened: whether the configuration was stopped and goes on (``SearchQueue.reopen``); the
            study, which knows it as stopped, is told no more of it.
    """

    role: Role
    trial: "ResolvedTrial"
    suggestion: "Suggestion | None" = None
    is_repeat: bool = False
    is_reopened: bool = False

    @property
    def is_awaited(self) -> bool:
        """Return whether the search continues with the end of the trial."""
        return self.suggestion is not None or self.is_reopened
