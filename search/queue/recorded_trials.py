"""Which recorded trials belong to the present space: the one place that decides it.

A run, its dry run, its disk check, ``plan`` and ``status`` ask here.
"""

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from reports.ledger.roles import Role, first_roles
from reports.ledger.schema import ABLATION, CONFIRM, SEARCH
from search.plan import Plan
from search.space.start import could_suggest
from sugrm import SugrmError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from search.ledger import Ledger
    from search.space import Space


class TrialKeys(Protocol):
    """Return the key of the trial that a space runs with ``changes`` and a seed."""

    def key(self, changes: "Mapping[str, Any]", seed: int) -> str:
        """Return the key.

        Raises:
            pydantic.ValidationError, SugrmError, KeyError: there is no such trial.
        """


@dataclass(frozen=True, slots=True)
class Kept:
    """The recorded roles that belong to the present space.

    Attributes:
        roles: role -> key of its trial.
        left_out: trials that have lost every role they had, and that no cell reads under
            another name.
    """

    roles: "Mapping[Role, str]"
    left_out: int

    @property
    def warnings(self) -> list[str]:
        """Return the warning that trials were left out, or nothing."""
        if not self.left_out:
            return []
        one = self.left_out == 1
        return [
            f"the space, its data or the code changed: {self.left_out} recorded "
            f"{'trial no longer belongs' if one else 'trials no longer belong'} to it; "
            f"{'its row stays' if one else 'their rows stay'} in the ledger, to be used again if "
            f"{'its configuration returns' if one else 'their configurations return'}"
        ]


class PresentSpace:
    """Decide which roles this version of a space asks for.

    Args:
        space: what is run.
        plan: of the space.
        keys: of its trials.
    """

    def __init__(self, space: "Space", plan: Plan, keys: TrialKeys) -> None:
        self._space, self._plan, self._keys = space, plan, keys
        self._cells = {role: role.changes for role in plan.ablations()}

    def kept(self, roles: "Mapping[Role, str]") -> Kept:
        """Return which of the recorded ``roles`` the space asks for."""
        kept = {role: key for role, key in roles.items() if self.asks_for(role, key)}
        gone = set(roles.values()) - set(kept.values())
        if gone:
            gone -= self._cell_keys()
        return Kept(kept, len(gone))

    def asks_for(self, role: Role, key: str) -> bool:
        """Return whether the space asks for ``role``, and for the very trial ``key``.

        It asks for the cells of its ablations. It asks for trials of the search, and for their
        confirmations, if it could suggest them (bounds, steps, choices, conditions) or starts from
        them.
        """
        if not self.names(role):
            return False
        changes = self._changes(role)
        try:
            if self._keys.key(changes, role.seed) != key:
                return False
            # What was confirmed is a trial that the space asks for as well.
            seed = self._plan.search_seed
            return role.phase != CONFIRM or self._keys.key(changes, seed) == role.group
        except (ValidationError, SugrmError, KeyError):
            return False

    def names(self, role: Role) -> bool:
        """Return whether the space asks for ``role``, whatever its trial was computed from."""
        if not self._has_seed(role):
            return False
        if role.phase == ABLATION:
            return role in self._cells
        try:
            return self._could_suggest(role.changes)
        except (ValidationError, SugrmError, KeyError):
            return False

    def _changes(self, role: Role) -> "Mapping[str, Any]":
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
        return role.phase != SEARCH or role.seed == self._plan.search_seed

    def _could_suggest(self, changes: "Mapping[str, Any]") -> bool:
        search = self._space.search
        return search is not None and could_suggest(search, changes, self._space.resolve)


def drop_other_roles(ledger: "Ledger", present: PresentSpace) -> list[str]:
    """Drop the recorded roles that the present space does not ask for; return the warnings.

    Roles of repeated suggestions go as well: earlier versions of the code recorded them.
    """
    first = first_roles(ledger.roles)
    ledger.keep_roles(lambda role, key: role.phase != SEARCH or role == first[key])
    kept = present.kept(ledger.roles)
    ledger.keep_roles(lambda role, key: role in kept.roles)
    return kept.warnings
