"""What the winner of a search keeps over fresh seeds, in words for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from reports.ledger.goals import best_keys
from reports.ledger.reading.searched import searched_configurations
from reports.ledger.reading.winner import confirmed_value
from reports.ledger.schema import CONFIRM
from reports.ledger.trials import Trial

if TYPE_CHECKING:
    from reports.ledger.goals import Goal
    from reports.ledger.roles import Role


def winner_sentence(
    goal: "Goal",
    roles: Mapping["Role", str],
    *,
    trials: Mapping[str, Trial],
    other_seeds: Sequence[int] = (),
) -> str | None:
    """Return how far the best trial of a search falls over fresh seeds.

    Args:
        goal: the first objective of the search.
        roles: the roles that the present space requests: role -> key of its trial.
        trials: the trials that ended, by key.
        other_seeds: the seeds of each configuration of the search besides the leading one.

    Returns:
        None before the search's best has finished with a fresh seed.
    """
    found = searched_configurations(roles, trials, other_seeds=other_seeds)
    complete = {each.key: each for each in found if each.is_complete(other_seeds)}
    best = best_keys([(each.number, each.mean) for each in complete.values()], [goal], count=1)
    if not best:
        return None
    repeated = {
        key: trials[key]
        for role, key in roles.items()
        if role.phase == CONFIRM and role.group == best[0]
        if key in trials and trials[key].has_finished
    }
    value = confirmed_value(goal, complete[best[0]].trials, repeated=repeated.values())
    return None if value is None else value.sentence
