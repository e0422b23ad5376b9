"""The trials of a search with several objectives that no other one beats in all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.ledger.goals import goals_of, losses, pareto_set
from reports.ledger.schema import SEARCH
from reports.ledger.trials import Trial

if TYPE_CHECKING:
    from search.plan import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoTrial:
    """A finished trial of the Pareto set, with its value for each objective."""

    number: int
    key: str
    values: Mapping[str, float]


def pareto_trials(
    roles: Mapping["Role", str],
    trials: Mapping[str, Trial],
    search: Mapping[str, Any],
) -> tuple[ParetoTrial, ...]:
    """Return the Pareto set of a search, the best by its first objective first.

    Args:
        roles: of the run, with their keys.
        trials: those that ended, by key.
        search: the search section of ``experiment.json``.

    Returns:
        None of them where the search has one objective: that has a best trial.
    """
    goals = goals_of(search)
    if len(goals) < 2:
        return ()
    numbers: dict[str, int] = {}
    for role, key in roles.items():
        if role.phase == SEARCH and trials[key].has_finished:
            numbers[key] = min(role.number, numbers.get(key, role.number))
    ranked = sorted(
        (point, number, key)
        for key, number in numbers.items()
        if (point := losses(trials[key], goals)) is not None
    )
    return tuple(
        ParetoTrial(
            number=number,
            key=key,
            values={goal.metric: trials[key].column(goal.column) for goal in goals},
        )
        for _, number, key in (ranked[place] for place in pareto_set([one for one, _, _ in ranked]))
    )
