"""The suggestions of a search by number: those of earlier commands again, then new ones.

Numbers are walked from 0. One that the ledger holds is told to the study as it ended; one that
was cut off runs again with the same values; any other is suggested. Where all have failed, as for a
cause outside of them, they run again with the same values, too. So the study hears the same
story in the same order as in a run that was never cut off, and suggests the same.

A suggestion that repeats a trial, or whose values do not go together, leaves no role in the
ledger: since the history before its number is the same, it is suggested again when the search is
continued. After ``MOST_REPEATS`` of them in a row the sampler is not asked: a configuration that
the search has not had is drawn. Where there is none left, the search has ended.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reports.ledger import schema
from reports.ledger.goals import best_keys
from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH
from search.queue.requests import Request
from search.sampling.earlier_trials import EarlierTrial
from search.sampling.observation import STATES, Observation
from search.sampling.study import SearchStudy, Suggestion
from search.space.conditions import draw
from search.space.configurations import list_configurations
from search.space.start import starting_values
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space import Space
    from search.trials.factory import ResolvedTrial, TrialFactory

MOST_REPEATS = 20
"""Suggestions in a row that bring no new trial, after which a new one is drawn."""
_MOST_DRAWS = 1000
"""Of a space too large to be listed, before the search ends."""


class SearchQueue:
    """Propose the trials of one search.

    Args:
        space: with a search section.
        factory: resolves suggestions.
        ledger: of the run; its search roles are of this version of the space, one a trial.
        cut_off: search roles whose trials had started when an earlier run was cut off.
        trials: that the search is to have, no more than the space holds.
        earlier: trials of other runs that the sampler hears of first.

    Attributes:
        study: what Optuna knows.
        again: keys of failed trials that run again.
        repeats: suggestions in a row that brought no new trial.
        exhausted: there is no other trial that the space could give.
    """

    def __init__(
        self,
        space: "Space",
        factory: "TrialFactory",
        ledger: "Ledger",
        cut_off: Iterable[Role],
        *,
        trials: int,
        earlier: Sequence[EarlierTrial] = (),
    ) -> None:
        if space.search is None:
            raise ValueError(f"space {space.name!r} has no search section; expected one")
        self._space, self._search = space, space.search
        self._factory, self._ledger = factory, ledger
        self.study = SearchStudy(
            space.search, [(each.values, each.observation) for each in earlier]
        )
        self.repeats = 0
        self.exhausted = False
        self._most = trials
        self._number = 0
        recorded = {role.number: role for role in ledger.roles if role.phase == SEARCH}
        self._known = {**{role.number: role for role in cut_off}, **recorded}
        self._last = max(self._known, default=-1)
        self._keys: dict[str, Role] = {}
        for _, role in sorted(self._known.items()):
            key = ledger.roles.get(role)
            self._keys.setdefault(key or self._key(role.changes), role)
        self.again = self._failed_alone()
        self._starts = self._new_starts()

    @property
    def trials(self) -> int:
        """Return how many trials the search will have, as far as is known now."""
        return len(self._keys) if self.exhausted else max(self._most, len(self._keys))

    @property
    def wants_more(self) -> bool:
        """Return whether there is another number to walk."""
        return self._number <= self._last or self.lacks > 0

    @property
    def lacks(self) -> int:
        """Return how many trials the search has still to name."""
        return 0 if self.exhausted else max(0, self._most - len(self._keys))

    @property
    def keys(self) -> Mapping[str, Role]:
        """Return the search's trials so far: key -> the first role that asked for it."""
        return self._keys

    @property
    def coming(self) -> list["ResolvedTrial"]:
        """Return the trials that run next whatever the sampler says, in order.

        They are those that were cut off or run again, then the starting points that the search has
        not had.
        """
        known = [
            self._resolve(role.changes)
            for key, role in self._keys.items()
            if key not in self._ledger.trials or key in self.again
        ]
        return known + [self._resolve(changes) for changes in self._starts[: self.lacks]]

    @property
    def left_starts(self) -> int:
        """Return how many starting points find no room in what the search has still to name."""
        return max(0, len(self._starts) - self.lacks)

    def recall(self) -> tuple[Role, str] | None:
        """Walk one number on if the ledger's trial answers it; return its role and key."""
        role = self._known.get(self._number)
        key = None if role is None else self._ledger.roles.get(role)
        if role is None or key is None or key not in self._ledger.trials or key in self.again:
            return None
        self._number += 1
        self.repeats = 0
        return role, key

    def hear_again(self, role: Role, key: str, observation: Observation) -> None:
        """Tell the study of a trial that was suggested and ended in an earlier run."""
        self.study.add(role.number, self._values(role.changes), observation)

    def propose(self) -> Request | None:
        """Walk one number on; None where its values do not go together or are not wanted."""
        number, self._number = self._number, self._number + 1
        role = self._known.get(number)
        if role is not None:
            self.repeats = 0
            entered = self.study.enter(number, self._values(role.changes))
            return Request(role, self._resolve(role.changes), entered)
        if self._starts:
            changes = self._starts.pop(0)
            return self._new(number, changes, self.study.enter(number, self._values(changes)))
        if self.repeats < MOST_REPEATS:
            suggestion, changes = self.study.suggest(number)
            return self._new(number, changes, suggestion)
        drawn = self._draw_new(number)
        if drawn is None:
            self.exhausted = True
            return None
        return self._new(number, drawn, self.study.enter(number, self._values(drawn)))

    def best(self, count: int) -> list[Role]:
        """Return the first role of the ``count`` finished trials with the best objective."""
        trials = self._ledger.trials
        finished = (
            (role.number, trials[key])
            for key, role in self._keys.items()
            if key in trials and trials[key].has_finished
        )
        return [self._keys[key] for key in best_keys(finished, self._search.goals, count)]

    def _new(
        self, number: int, changes: Mapping[str, Any], suggestion: Suggestion
    ) -> Request | None:
        role = Role(phase=SEARCH, number=number, seed=self._search.seed, changes=dict(changes))
        self.repeats += 1
        try:
            trial = self._resolve(changes)
        except (ValidationError, SugrmError):
            # Each value is allowed, their combination is not: the sampler learns to avoid it.
            self.study.tell(suggestion, Observation(state=STATES[schema.FAILED]))
            return None
        first = self._keys.get(trial.key)
        if first is None:
            if not self.lacks:
                self.study.tell(suggestion, Observation(state=STATES[schema.FAILED]))
                return None
            self.repeats = 0
            self._keys[trial.key] = role
        ended = trial.key in self._ledger.trials
        is_repeat = first is not None and (ended or first.number < number)
        return Request(role, trial, suggestion, is_repeat=is_repeat)

    def _draw_new(self, number: int) -> Mapping[str, Any] | None:
        """Return the changes of a configuration that the search has not had; None without one."""
        generator = random.Random(f"{self._search.sampler.seed} {number}")
        listed = list_configurations(self._search, self._key)
        if listed is not None:
            new = [changes for key, changes in listed.items() if key not in self._keys]
            return generator.choice(new) if new else None
        for _ in range(_MOST_DRAWS):
            changes = draw(self._search.parameters, generator)
            try:
                if self._key(changes) not in self._keys:
                    return changes
            except (ValidationError, SugrmError):
                continue
        return None

    def _failed_alone(self) -> frozenset[str]:
        """Return the trials that failed where no other ended otherwise: nothing is learned yet.

        A loss that is not a number would be none again.
        """
        ended = [trial for key in self._keys if (trial := self._ledger.trials.get(key))]
        if any(trial.status != schema.FAILED for trial in ended):
            return frozenset()
        return frozenset(trial.key for trial in ended if trial.failure != "nan")

    def _new_starts(self) -> list[Mapping[str, Any]]:
        """Return the starting points that no trial has answered, each trial's first alone."""
        starts: dict[str, Mapping[str, Any]] = {}
        for changes in self._search.start:
            key = self._key(changes)
            if key not in self._keys:
                starts.setdefault(key, changes)
        return list(starts.values())

    def _resolve(self, changes: Mapping[str, Any]) -> "ResolvedTrial":
        return self._factory.resolve(changes, self._search.seed)

    def _key(self, changes: Mapping[str, Any]) -> str:
        return self._factory.key(changes, self._search.seed)

    def _values(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        return starting_values(self._search.parameters, changes, self._space.resolve)
