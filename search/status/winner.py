"""What the winner of a search keeps over fresh seeds, in words for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reports.ledger.goals import best_keys, finished_trials
from reports.ledger.reading.winner import confirmed_value
from reports.ledger.roles import first_roles
from reports.ledger.schema import CONFIRM
from reports.ledger.trials import Trial

if TYPE_CHECKING:
    from reports.ledger.goals import Goal
    from reports.ledger.roles import Role


def winner_sentence(
    goal: "Goal", roles: Mapping["Role", str], *, trials: Mapping[str, Trial]
) -> str | None:
    """Return how far the best trial of a search falls over fresh seeds.

    Args:
        goal: the first objective of the search.
        roles: the roles that the present space requests: role -> key of its trial.
        trials: the trials that ended, by key.

    Returns:
        None before the search's best has finished with a fresh seed.
    """
    best = best_keys(finished_trials(first_roles(roles), trials), [goal], count=1)
    if not best:
        return None
    repeated = {
        key: trials[key]
        for role, key in roles.items()
        if role.phase == CONFIRM and role.group == best[0]
        if key in trials and trials[key].has_finished
    }
    found = confirmed_value(goal, trials[best[0]], repeated=repeated.values())
    return None if found is None else found.sentence
