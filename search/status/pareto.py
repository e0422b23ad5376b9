"""The Pareto set of a search with several objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.goals import Goal, best_keys, finished_trials
from reports.ledger.roles import first_roles
from reports.ledger.trials import Trial

if TYPE_CHECKING:
    from reports.ledger.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoTrial:
    """A finished trial of the Pareto set, with its value for each objective."""

    number: int
    key: str
    values: Mapping[str, float]


def pareto_trials(
    roles: Mapping["Role", str],
    trials: Mapping[str, Trial],
    *,
    goals: Sequence[Goal],
) -> tuple[ParetoTrial, ...]:
    """Return the Pareto set of a search, the best by its first objective first.

    A search with one objective has a best trial and no Pareto set.

    Args:
        roles: the roles of trials that ended: role -> key of its trial.
        trials: the trials that ended, by key.
        goals: the objectives of the search, the first one first.
    """
    if len(goals) < 2:
        return ()
    first = first_roles(roles)
    finished = finished_trials(first, trials)
    return tuple(
        ParetoTrial(
            number=first[key].number,
            key=key,
            values={goal.metric: trials[key].column(goal.column) for goal in goals},
        )
        for key in best_keys(finished, goals, count=len(finished))
    )
