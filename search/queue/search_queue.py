"""The suggestions of a search by number: those of earlier commands again, then new ones.

Suggestions are replayed from number 0 in order, so the sampler sees the same history as in a run
that was never cut off, and suggests the same. A suggestion whose trial the ledger holds is added to
the study with its result; one that was cut off runs again with the same values; any other one comes
from the sampler. If every trial has failed, as for a cause outside of them, they run again with the
same values.

With several seeds (``search.seeds``) a suggestion has a trial for each seed, one after another. Its
sampler gets the result when no other seed follows (``search.sampling.seed_steps``): the mean over
the seeds so far. A suggestion that was cut off between two seeds goes on with the next one.

A suggestion that repeats a trial, or whose values are invalid together, leaves no role in the
ledger: since the history before its number is the same, a continued search suggests it again. After
``MOST_REPEATS`` of them in a row the sampler is not asked: a configuration that the search has not
had is drawn. If there is none left, the search has ended.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reports.ledger import schema
from reports.ledger.reading.searched import Searched
from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH
from search.option_values import Changes
from search.queue.new_configurations import draw_new, new_starts
from search.queue.recorded_trials import failed_keys
from search.queue.requests import Request
from search.queue.search_history import SearchHistory
from search.sampling.observation import STATES, Observation
from search.sampling.seed_steps import SeedSteps
from search.sampling.study import SearchStudy, Suggestion
from search.space.start import starting_values
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space import Space
    from search.trials.factory import ResolvedTrial, TrialFactory

MOST_REPEATS = 20
"""Suggestions in a row without a new trial, after which a new configuration is drawn."""


class SearchQueue:
    """Suggest the trials of one search.

    Args:
        space: a space with a search section.
        factory: resolves suggestions.
        ledger: the run's ledger; its search roles belong to this space, one for each trial.
        history: gets the result of every suggestion.
        cut_off: the search roles of trials that an earlier command started and did not end.
        trials: how many configurations the search should try, no more than the space holds.

    Attributes:
        history: what the sampler and the early stopping rule know.
        retry_keys: the keys of failed trials that run again.
        left_out: how many trials the ended suggestions did not need, since other seeds of them did
            not run.
        repeats: the suggestions in a row without a new trial.
        is_exhausted: whether the space has no other trial.
    """

    def __init__(
        self,
        space: "Space",
        factory: "TrialFactory",
        *,
        ledger: "Ledger",
        history: SearchHistory,
        cut_off: Iterable[Role],
        trials: int,
    ) -> None:
        if space.search is None:
            raise ValueError(f"space {space.name!r} has no search section; expected one")
        self._space, self._search = space, space.search
        self._factory, self._ledger, self.history = factory, ledger, history
        self.repeats = 0
        self.is_exhausted = False
        self._most = trials
        self._number = 0
        self._steps = SeedSteps(self._search, ledger.index)
        self._pending: deque[Request] = deque()  # the next seeds of suggestions that have begun
        recorded = {role.number: role for role in ledger.roles if role.leads}
        begun = {role.number: role for role in cut_off if role.leads}
        self._known = {**begun, **recorded}
        self._last = max(self._known, default=-1)
        self._first_roles: dict[str, Role] = {}
        for _, role in sorted(self._known.items()):
            key = ledger.roles.get(role)
            self._first_roles.setdefault(key or self._key(role.changes), role)
        self.retry_keys = failed_keys(ledger.trials, self._first_roles)
        self.left_out = self._steps.left_out(filter(self._has_ended, self._first_roles))
        self._starts = new_starts(self._search, key_of=self._key, had=self._first_roles)

    @property
    def study(self) -> SearchStudy:
        """Return the study that suggests values."""
        return self.history.study

    @property
    def trials(self) -> int:
        """Return how many configurations the search will try, as far as is known now."""
        named = len(self._first_roles)
        return named if self.is_exhausted else max(self._most, named)

    @property
    def has_more(self) -> bool:
        """Return whether there is another seed to train, or a suggestion to replay or to make."""
        return bool(self._pending) or self._number <= self._last or self.missing > 0

    @property
    def missing(self) -> int:
        """Return how many configurations the search has still to suggest, at most."""
        return 0 if self.is_exhausted else max(0, self._most - len(self._first_roles))

    @property
    def first_roles(self) -> Mapping[str, Role]:
        """Return the search's configurations so far: leading key and first role of each."""
        return self._first_roles

    @property
    def upcoming(self) -> list["ResolvedTrial"]:
        """Return the trials that run next whatever the sampler suggests, in order.

        They are those that were cut off or run again, then the starting points that the search has
        not had.
        """
        known = [
            self._trial(role.changes)
            for key, role in self._first_roles.items()
            if not self._has_ended(key)
        ]
        return known + [self._trial(changes) for changes in self._starts[: self.missing]]

    @property
    def unused_starts(self) -> int:
        """Return how many starting points exceed the trials that the search has still to have."""
        return max(0, len(self._starts) - self.missing)

    def replay_next(self) -> bool:
        """Replay the next suggestion if the ledger holds its trials; return whether it does."""
        role = self._known.get(self._number)
        key = self._ended_key(role)
        if self._pending or role is None or key is None:
            return False
        if self._steps.step(key).next_seed is not None:
            return False
        self._number += 1
        self.repeats = 0
        self.history.replay_epochs(key, self._first_roles[key].number)
        self.history.replay_trial(role, key, values=self._values(role.changes))
        return True

    def take_next(self) -> Request | None:
        """Take the next trial: another seed of a suggestion, or the next suggestion.

        Returns:
            None where the values of a suggestion are invalid or give no new trial.
        """
        if self._pending:
            return self._pending.popleft()
        number, self._number = self._number, self._number + 1
        role = self._known.get(number)
        if role is not None:
            self.repeats = 0
            suggestion = self.study.enter(number, self._values(role.changes))
            if (key := self._ended_key(role)) is not None:  # cut off between two seeds
                self.history.replay_epochs(key, self._first_roles[key].number)
                return self._next_seed(role, key, suggestion=suggestion)
            trial = self._trial(role.changes)
            return Request(role=role, trial=trial, suggestion=suggestion)
        if self._starts:
            return self._enter(number, self._starts.pop(0))
        if self.repeats < MOST_REPEATS:
            suggestion, changes = self.study.suggest(number)
            return self._new(number, changes, suggestion=suggestion)
        drawn = draw_new(self._search, number, key_of=self._key, had=self._first_roles)
        if drawn is None:
            self.is_exhausted = True
            return None
        return self._enter(number, drawn)

    def record_end(self, request: Request) -> None:
        """Record that a trial of a suggestion has ended.

        Its next seed follows; if none does, the sampler gets the result.
        """
        key = request.role.group or request.trial.key
        step = self._steps.step(key)
        if step.next_seed is not None:
            following = self._next_seed(request.role, key, suggestion=request.suggestion)
            if following is not None:
                again, reopened = request.is_repeat, request.is_reopened
                self._pending.append(replace(following, is_repeat=again, is_reopened=reopened))
            return
        if not request.is_repeat:
            self.left_out += step.left
        if request.suggestion is not None:
            self.history.record_end(request.suggestion, key)

    def reopen(self, key: str) -> None:
        """Go on with a configuration whose leading trial was stopped and has run to its end."""
        following = self.next_seed(key)
        if following is not None:
            self.left_out -= self._steps.step(key).left
            self._pending.append(replace(following, is_reopened=True))

    def next_seed(self, key: str) -> Request | None:
        """Return a request for the next seed of the configuration whose leading trial is ``key``.

        Returns:
            None if its leading trial has not ended, or it runs with no other seed.
        """
        return self._next_seed(self._first_roles[key], key) if self._has_ended(key) else None

    def seeds_left(self, key: str) -> int:
        """Return how many trials a configuration has still to run, if it is not given up."""
        if not self._has_ended(key):
            return len(self._search.training_seeds)
        step = self._steps.step(key)
        return 0 if step.next_seed is None else step.left

    def best_keys(self, count: int) -> list[str]:
        """Return the leading keys of the ``count`` best configurations, best first."""
        seeds = self._steps.other_seeds
        return self._ledger.index.best(self._search.goals, count, other_seeds=seeds)

    @property
    def best(self) -> Searched | None:
        """Return the best configuration so far, None before one has ended with all seeds."""
        keys = self.best_keys(1)
        return self._ledger.index.searched(keys[0], self._steps.other_seeds) if keys else None

    def _ended_key(self, role: Role | None) -> str | None:
        """Return the key of a suggestion's leading trial, None unless it has ended for good."""
        key = None if role is None else self._ledger.roles.get(role)
        return key if key is not None and self._has_ended(key) else None

    def _has_ended(self, key: str) -> bool:
        """Return whether a leading trial has ended and does not run again."""
        return key in self._ledger.trials and key not in self.retry_keys

    def _next_seed(
        self, role: Role, key: str, *, suggestion: Suggestion | None = None
    ) -> Request | None:
        """Return a request for the next seed of a configuration, None if no other seed runs."""
        seed = self._steps.step(key).next_seed
        if seed is None:
            return None
        return Request(
            role=Role(
                phase=SEARCH, group=key, number=role.number, seed=seed, changes=dict(role.changes)
            ),
            trial=self._factory.trial(role.changes, seed),
            suggestion=suggestion,
        )

    def _enter(self, number: int, changes: Changes) -> Request | None:
        """Enter values that the sampler did not suggest into the study, and request their trial."""
        suggestion = self.study.enter(number, self._values(changes))
        return self._new(number, changes, suggestion=suggestion)

    def _new(self, number: int, changes: Changes, *, suggestion: Suggestion) -> Request | None:
        role = Role(phase=SEARCH, number=number, seed=self._search.seed, changes=dict(changes))
        self.repeats += 1
        try:
            trial = self._trial(changes)
        except (ValidationError, SugrmError):
            # Each value is valid, their combination is not: the sampler learns to avoid it.
            self.study.tell(suggestion, Observation(state=STATES[schema.FAILED]))
            return None
        first = self._first_roles.get(trial.key)
        if first is None:
            if not self.missing:
                self.study.tell(suggestion, Observation(state=STATES[schema.FAILED]))
                return None
            self.repeats = 0
            self._first_roles[trial.key] = role
        ended = trial.key in self._ledger.trials
        is_repeat = first is not None and (ended or first.number < number)
        return Request(role=role, trial=trial, suggestion=suggestion, is_repeat=is_repeat)

    def _trial(self, changes: Changes) -> "ResolvedTrial":
        return self._factory.trial(changes, self._search.seed)

    def _key(self, changes: Changes) -> str:
        return self._factory.key(changes, self._search.seed)

    def _values(self, changes: Changes) -> Changes:
        return starting_values(
            self._search.parameters, changes, experiment_of=self._space.experiment_of
        )
