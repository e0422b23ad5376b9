"""Requests of roles that the plan lists: ablation cells and confirmations."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reports.ledger.roles import Role
from reports.ledger.schema import CONFIRM
from search.events import TrialName
from search.plan import Plan
from search.queue.requests import Request
from search.space.explain import first_fault
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.queue.search_queue import SearchQueue
    from search.space import Space
    from search.trials.factory import TrialFactory


class RoleRequests:
    """Make the requests of roles; a role whose values are invalid together is only warned of.

    Args:
        space: the space of the run.
        factory: resolves roles to trials.
        warn: gets a line for each role that is not run.
    """

    def __init__(
        self, space: "Space", factory: "TrialFactory", *, warn: Callable[[str], None]
    ) -> None:
        self._space, self._factory, self._warn = space, factory, warn
        self._refused: dict[str, Role] = {}

    def take(self, roles: deque[Role]) -> Iterator[Request]:
        """Take the roles one by one and yield the request of each."""
        while roles:
            role = roles.popleft()
            try:
                trial = self._factory.trial(role.changes, role.seed)
            except ValidationError as error:
                self._refuse(role, first_fault(error, self._space.experiment, changes=role.changes))
                continue
            except SugrmError as error:
                self._refuse(role, str(error))
                continue
            yield Request(role=role, trial=trial)

    def _refuse(self, role: Role, reason: str) -> None:
        """Warn that a role is not run; a reason is given in full only once."""
        first = self._refused.setdefault(reason, role)
        if first is not role:
            reason = f"for the same reason as {TrialName.of(first, '').title}"
            self._warn(f"{TrialName.of(role, '').title} is not run, {reason}")
        else:
            self._warn(f"{TrialName.of(role, '').title} is not run: {reason}")


def confirmation_roles(search: "SearchQueue", plan: Plan) -> list[Role]:
    """Return the confirmation's roles: the search's best configurations, once for each seed."""
    return [
        Role(
            phase=CONFIRM,
            group=key,
            number=rank,
            seed=seed,
            changes=search.first_roles[key].changes,
        )
        for rank, key in enumerate(search.best_keys(plan.confirm_top))
        for seed in plan.confirm_seeds
    ]
