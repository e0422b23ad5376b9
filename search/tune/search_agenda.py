"""The suggestions of a search by number: those of earlier runs again, then new ones.

Numbers are walked from 0. One that the ledger holds is told to the study as it ended; one that
was cut off runs again with the same values; any other is suggested. So the study hears the same
story in the same order as in a run that was never cut off, and suggests the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import TrialState
from pydantic import ValidationError

from reports import schema
from reports.pareto import losses, pareto_set
from search.plan import SEARCH, Role
from search.space.start import starting_values
from search.tune.earlier import Earlier
from search.tune.items import Asked
from search.tune.study import SearchStudy, Told
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space import Space
    from search.tune.catalogue import Catalogue

MOST_REPEATS = 50
"""Suggestions in a row that bring no new trial, after which the search ends."""


class SearchAgenda:
    """Propose the trials of one search.

    Args:
        space: with a search section.
        catalogue: resolves suggestions.
        ledger: of the run; its search roles are of this version of the space.
        cut_off: search roles whose trials had started when an earlier run was cut off.
        earlier: trials of other runs that the sampler hears of first.

    Attributes:
        study: what Optuna knows.
        repeats: suggestions in a row that brought no new trial.
    """

    def __init__(
        self,
        space: "Space",
        catalogue: "Catalogue",
        ledger: "Ledger",
        cut_off: Iterable[Role],
        *,
        earlier: Sequence[Earlier] = (),
    ) -> None:
        if space.search is None:
            raise ValueError(f"space {space.name!r} has no search section; expected one")
        self._space, self._search = space, space.search
        self._catalogue, self._ledger = catalogue, ledger
        self.study = SearchStudy(space.search, [(each.values, each.told) for each in earlier])
        self.repeats = 0
        self._number = 0
        recorded = {role.number: role for role in ledger.roles if role.phase == SEARCH}
        self._known = {**{role.number: role for role in cut_off}, **recorded}
        self._last = max(self._known, default=-1)
        self._keys: dict[str, Role] = {}
        for _, role in sorted(self._known.items()):
            key = ledger.roles.get(role)
            self._count(role, key or catalogue.resolve(role.changes, role.seed).key)
        self._starts = self._new_starts()

    @property
    def wants_more(self) -> bool:
        """Return whether there is another number to walk."""
        if self._number <= self._last:
            return True
        return len(self._keys) < self._search.trials and not self.exhausted

    @property
    def exhausted(self) -> bool:
        """Return whether the space seems to hold no other trial."""
        return self.repeats >= MOST_REPEATS

    @property
    def keys(self) -> Mapping[str, Role]:
        """Return the search's trials so far: key -> the first role that asked for it."""
        return self._keys

    def recall(self) -> tuple[Role, str] | None:
        """Walk one number on if the ledger holds its trial; return its role and key."""
        role = self._known.get(self._number)
        key = None if role is None else self._ledger.roles.get(role)
        if role is None or key is None or key not in self._ledger.trials:
            return None
        self._number += 1
        self._walked_again(role, key)
        return role, key

    def hear_again(self, role: Role, key: str, told: Told) -> None:
        """Tell the study of a trial that was suggested and ended in an earlier run."""
        self.study.add(role.number, self._values(role.changes), told)

    def propose(self) -> Asked | None:
        """Walk one number on; None where its values do not go together or are not wanted."""
        number, self._number = self._number, self._number + 1
        role = self._known.get(number)
        if role is not None:
            trial = self._catalogue.resolve(role.changes, role.seed)
            self._walked_again(role, trial.key)
            return Asked(role, trial, self.study.enter(number, self._values(role.changes)))
        if self._starts:
            changes = self._starts.pop(0)
            return self._new(number, changes, self.study.enter(number, self._values(changes)))
        suggestion, changes = self.study.suggest(number)
        return self._new(number, changes, suggestion)

    def best(self, count: int) -> list[Role]:
        """Return the first role of the ``count`` finished trials with the best objective.

        Of several objectives the first one ranks, and only trials of the Pareto set count.
        """
        goals, rows = self._search.goals, self._ledger.trials
        ranked = sorted(
            (point, role.number, key)
            for key, role in self._keys.items()
            if key in rows
            and rows[key]["status"] == schema.FINISHED
            and (point := losses(rows[key], goals)) is not None
        )
        if len(goals) > 1:
            ranked = [ranked[place] for place in pareto_set([point for point, _, _ in ranked])]
        return [self._keys[key] for _, _, key in ranked[:count]]

    def _new(
        self, number: int, changes: Mapping[str, Any], suggestion: optuna.Trial
    ) -> Asked | None:
        role = Role(phase=SEARCH, number=number, seed=self._search.seed, changes=dict(changes))
        self.repeats += 1
        try:
            trial = self._catalogue.resolve(changes, role.seed)
        except (ValidationError, SugrmError):
            # Each value is allowed, their combination is not: the sampler learns to avoid it.
            self.study.tell(suggestion, Told(state=TrialState.FAIL))
            return None
        if trial.key not in self._keys:
            if len(self._keys) >= self._search.trials:
                self.study.tell(suggestion, Told(state=TrialState.FAIL))
                return None
            self.repeats = 0
        self._count(role, trial.key)
        return Asked(role, trial, suggestion)

    def _count(self, role: Role, key: str) -> None:
        self._keys.setdefault(key, role)

    def _walked_again(self, role: Role, key: str) -> None:
        """Count repeats as when the number was walked first.

        Where they had ended the search, this command tries as many again: its parameters may have
        become wider.
        """
        first = self._keys[key].number == role.number
        self.repeats = 0 if first else (self.repeats + 1) % MOST_REPEATS

    def _new_starts(self) -> list[Mapping[str, Any]]:
        """Return the starting points that no trial has answered, each trial's first alone."""
        starts: dict[str, Mapping[str, Any]] = {}
        for changes in self._search.start:
            key = self._catalogue.resolve(changes, self._search.seed).key
            if key not in self._keys:
                starts.setdefault(key, changes)
        return list(starts.values())

    def _values(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        return starting_values(self._search.parameters, changes, self._space.resolve)
