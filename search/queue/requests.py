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
    """

    role: Role
    trial: "ResolvedTrial"
    suggestion: "Suggestion | None" = None
    is_repeat: bool = False
