"""The Pareto set of a search with several objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.goals import Goal, best_keys
from reports.ledger.reading.searched import complete_trials
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
    other_seeds: Sequence[int] = (),
) -> tuple[ParetoTrial, ...]:
    """Return the Pareto set of a search, the best by its first objective first.

    A search with one objective has a best trial and no Pareto set.

    Args:
        roles: the roles of trials that ended: role -> key of its trial.
        trials: the trials that ended, by key.
        goals: the objectives of the search, the first one first.
        other_seeds: the seeds of each configuration besides the leading one; its values are then
            means over all of its seeds.
    """
    if len(goals) < 2:
        return ()
    finished = complete_trials(roles, trials, other_seeds=other_seeds)
    found = {trial.key: (number, trial) for number, trial in finished}
    return tuple(
        ParetoTrial(
            number=found[key][0],
            key=key,
            values={goal.metric: found[key][1].column(goal.column) for goal in goals},
        )
        for key in best_keys(finished, goals, count=len(finished))
    )
