"""Which recorded trials belong to the present space: the one place that decides it.

A run, its dry run and its disk check ask here; ``status`` reads what a run has left in the ledger.
"""

import contextlib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from search.plan import ABLATION, CONFIRM, SEARCH, Plan, Role
from search.space.start import could_suggest
from sugrm import SugrmError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from search.space import Space
    from search.tune.catalogue import Catalogue


class Belonging:
    """Decide which roles this version of a space asks for.

    Args:
        space: what is run.
        plan: of the space.
        catalogue: resolves roles to trials.
    """

    def __init__(self, space: "Space", plan: Plan, catalogue: "Catalogue") -> None:
        self._space, self._plan, self._catalogue = space, plan, catalogue
        self._cells = {role: role.changes for role in plan.ablations()}

    def asks_for(self, role: Role, key: str) -> bool:
        """Return whether the space asks for ``role``, and for the very trial ``key``.

        It asks for the cells of its ablations. It asks for trials of the search, and for their
        confirmations, if it could suggest them (bounds, steps, choices, conditions) or starts from
        them.
        """
        changes = role.changes if role.phase != ABLATION else self._cells.get(role)
        if changes is None or not self._has_seed(role):
            return False
        try:
            if role.phase != ABLATION and not self._could_suggest(changes):
                return False
            if self._catalogue.key(changes, role.seed) != key:
                return False
            # What was confirmed is a trial that the space asks for as well.
            seed = self._plan.search_seed
            return role.phase != CONFIRM or self._catalogue.key(changes, seed) == role.group
        except (ValidationError, SugrmError, KeyError):
            return False

    def cell_keys(self) -> set[str]:
        """Return the keys of the trials of the ablations."""
        keys = set()
        for role in self._cells:
            with contextlib.suppress(ValidationError, SugrmError, KeyError):
                keys.add(self._catalogue.key(role.changes, role.seed))
        return keys

    def _has_seed(self, role: Role) -> bool:
        if role.phase == CONFIRM:
            return role.seed in self._plan.confirm_seeds
        return role.phase != SEARCH or role.seed == self._plan.search_seed

    def _could_suggest(self, changes: "Mapping[str, Any]") -> bool:
        search = self._space.search
        return search is not None and could_suggest(search, changes, self._space.resolve)
