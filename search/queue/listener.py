"""What the queue tells its caller: roles that need no trial, and warnings."""

from collections.abc import Callable
from dataclasses import dataclass

from reports.ledger.roles import Role
from search.queue.search_queue import SearchQueue


@dataclass(frozen=True, slots=True)
class Listener:
    """What the queue calls when it decides without running a trial.

    Attributes:
        reused: gets a role and the key of the recorded trial that fills it.
        warned: gets what the user should know.
    """

    reused: Callable[[Role, str], None]
    warned: Callable[[str], None]


def unused_starts(search: SearchQueue) -> str:
    """Return the warning that starting points are not run, and what would run them."""
    count, has = search.unused_starts, search.trials
    points = "1 starting point is" if count == 1 else f"{count} starting points are"
    trials = "1 trial" if has == 1 else f"{has} trials"
    state = "is planned with only" if search.missing else "already has its"
    return f"{points} not run: the search {state} {trials}; raise search.trials to {has + count}"
