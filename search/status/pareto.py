"""The Pareto set of a search with several objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.goals import Goal, losses, pareto_set
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
    ranked = sorted(
        (point, role.number, key)
        for key, role in first_roles(roles).items()
        if trials[key].has_finished and (point := losses(trials[key], goals)) is not None
    )
    return tuple(
        ParetoTrial(
            number=number,
            key=key,
            values={goal.metric: trials[key].column(goal.column) for goal in goals},
        )
        for _, number, key in (ranked[place] for place in pareto_set([one for one, _, _ in ranked]))
    )
