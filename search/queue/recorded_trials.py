"""Which recorded trials belong to the present space.

This is the only place that decides it, for a run, its dry run, its disk check, ``plan`` and
``status``.
"""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pydantic import ValidationError

from reports.ledger import schema
from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION, CONFIRM, SEARCH
from reports.ledger.trials import Trial
from search.option_values import Changes
from search.plan import Plan
from search.space.start import could_suggest
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space import Space


class TrialKeys(Protocol):
    """The keys of the trials that a space runs."""

    def key(self, changes: Changes, seed: int) -> str:
        """Return the key of the trial with ``changes`` and a seed.

        Raises:
            pydantic.ValidationError, SugrmError, KeyError: there is no such trial.
        """


@dataclass(frozen=True, slots=True)
class KeptRoles:
    """The recorded roles that belong to the present space.

    Attributes:
        roles: role -> key of its trial.
        left_out: how many recorded trials fill none of these roles, nor any cell under a new name.
    """

    roles: "Mapping[Role, str]"
    left_out: int

    @property
    def warnings(self) -> list[str]:
        """Return the warning that trials are left out, empty if none are."""
        if not self.left_out:
            return []
        one = self.left_out == 1
        return [
            f"the space, its data or the code changed: {self.left_out} recorded "
            f"{'trial is' if one else 'trials are'} not part of its plan now; "
            f"{'its row stays' if one else 'their rows stay'} in the ledger, and a planned trial "
            "that equals one of the ledger is not run again"
        ]


class PresentSpace:
    """Decide which recorded roles the present version of a space asks for.

    Args:
        space: the space.
        plan: the plan of the space.
        keys: the keys of the space's trials.
    """

    def __init__(self, space: "Space", plan: Plan, *, keys: TrialKeys) -> None:
        self._space, self._plan, self._keys = space, plan, keys
        self._cells = {role: role.changes for role in plan.ablations()}

    def kept_roles(self, roles: "Mapping[Role, str]") -> KeptRoles:
        """Return which of the recorded ``roles`` the space asks for."""
        present = {role: key for role, key in roles.items() if self.has_trial(role, key)}
        gone = set(roles.values()) - set(present.values())
        if gone:
            gone -= self._cell_keys()
        return KeptRoles(present, len(gone))

    def has_trial(self, role: Role, key: str) -> bool:
        """Return whether the space asks for ``role`` and its trial there has this ``key``.

        The space asks for the cells of its ablations. It asks for trials of the search, and for
        their confirmations, if it could suggest them (bounds, steps, choices, conditions) or starts
        from them.
        """
        if not self.has_role(role):
            return False
        changes = self._changes(role)
        try:
            if self._keys.key(changes, role.seed) != key:
                return False
            # The trial that was confirmed, or that has the first seed, must be of this space too.
            needs_lead = role.phase == CONFIRM or (role.phase == SEARCH and role.group)
            return not needs_lead or self._keys.key(changes, self._plan.search_seed) == role.group
        except (ValidationError, SugrmError, KeyError):
            return False

    def has_role(self, role: Role) -> bool:
        """Return whether the space asks for ``role``, whatever the key of its trial."""
        if not self._has_seed(role):
            return False
        if role.phase == ABLATION:
            return role in self._cells
        try:
            return self._could_suggest(role.changes)
        except (ValidationError, SugrmError, KeyError):
            return False

    def _changes(self, role: Role) -> Changes:
        """Return the changes of a role; a cell's are those of the present space."""
        return self._cells.get(role, role.changes)

    def _cell_keys(self) -> set[str]:
        """Return the keys of the trials of the ablations."""
        keys = set()
        for role in self._cells:
            with contextlib.suppress(ValidationError, SugrmError, KeyError):
                keys.add(self._keys.key(role.changes, role.seed))
        return keys

    def _has_seed(self, role: Role) -> bool:
        if role.phase == CONFIRM:
            return role.seed in self._plan.confirm_seeds
        if role.leads:
            return role.seed == self._plan.search_seed
        return role.phase != SEARCH or role.seed in self._plan.search_seeds[1:]

    def _could_suggest(self, changes: Changes) -> bool:
        search = self._space.search
        return search is not None and could_suggest(
            search, changes, experiment_of=self._space.experiment_of
        )


def drop_other_roles(ledger: "Ledger", present: PresentSpace) -> list[str]:
    """Drop the recorded roles that the present space does not ask for; return the warnings.

    Roles of repeated suggestions go as well: earlier versions of the code recorded them.
    """
    first = ledger.index.first
    ledger.keep_roles(lambda role, key: not role.leads or role == first[key])
    kept = present.kept_roles(ledger.roles)
    ledger.keep_roles(lambda role, key: role in kept.roles)
    return kept.warnings


def failed_keys(trials: Mapping[str, Trial], keys: Iterable[str]) -> frozenset[str]:
    """Return which trials of a search run again: those that failed, if none ended otherwise.

    Trials that failed with a loss that is not a number are left out: it would happen again.

    Args:
        trials: the trials that ended, by key.
        keys: the keys of the leading trials of the search.
    """
    ended = [trial for key in keys if (trial := trials.get(key))]
    if any(trial.status != schema.FAILED for trial in ended):
        return frozenset()
    return frozenset(trial.key for trial in ended if trial.failure != "nan")
