"""What runs next: the search, its confirmation once it has ended, ablation cells in between.

The queue gives out trials and records which have ended; it does not use Ray.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.roles import Role
from reports.ledger.schema import CONFIRM, SEARCH
from search.plan import Plan
from search.queue.listener import Listener, unused_starts
from search.queue.queued_trial import QueuedTrial
from search.queue.recorded_trials import PresentSpace, drop_other_roles
from search.queue.requests import Request
from search.queue.role_requests import RoleRequests, confirmation_roles
from search.queue.search_history import SearchHistory
from search.queue.search_queue import SearchQueue
from search.sampling.warm_start import collect_earlier_trials

if TYPE_CHECKING:
    from search.ledger import Ledger, StartedTrial
    from search.space import Space
    from search.space.sections import SearchConfig
    from search.trials.factory import TrialFactory


class TrialQueue:
    """Give out the trials of a run, each once.

    Args:
        space: the space of the run.
        plan: the plan of that space.
        factory: resolves roles to trials.
        ledger: the run's ledger.
        listener: is called for roles that a recorded trial fills, and with warnings.

    Attributes:
        trials: the trials that were given out and have not ended, by key.
        search: the suggestions, None without a search.
        present_space: tells which recorded trials belong to the space.
    """

    def __init__(
        self,
        space: "Space",
        plan: Plan,
        *,
        factory: "TrialFactory",
        ledger: "Ledger",
        listener: Listener,
    ) -> None:
        self._space, self._plan = space, plan
        self._factory, self._ledger, self._listener = factory, ledger, listener
        self.present_space = PresentSpace(space, plan, keys=factory)
        self.trials: dict[str, QueuedTrial] = {}
        self.search: SearchQueue | None = None
        self._tried_again: set[str] = set()
        self._requests = RoleRequests(space, factory, warn=listener.warned)
        self._cells = deque(plan.ablations())
        self._confirmations: deque[Role] | None = None  # None until the search has ended
        self._recorded = set(ledger.roles)

    def restore(self, cut_off: "Iterable[StartedTrial]" = (), *, records: bool = True) -> None:
        """Drop the roles that do not belong to the present space, and restore the search.

        Args:
            cut_off: the trials that an earlier command did not end and that are still requested.
            records: whether to write down which trials the runs of ``search.from`` give.
        """
        for warning in drop_other_roles(self._ledger, self.present_space):
            self._listener.warned(warning)
        self._recorded = set(self._ledger.roles)
        search = self._space.search
        if search is None or not self._plan.search_trials:
            return
        self.search = SearchQueue(
            self._space,
            self._factory,
            ledger=self._ledger,
            history=self._history(search, records=records),
            cut_off=self._search_roles(cut_off),
            trials=self._plan.search_trials,
        )
        if self.search.unused_starts:
            self._listener.warned(unused_starts(self.search))

    def _history(self, search: "SearchConfig", *, records: bool) -> SearchHistory:
        """Return the history of a search that starts from the trials of ``search.from``."""
        earlier, notes = collect_earlier_trials(
            self._space, self._factory, folder=self._ledger.folder, record=records
        )
        for note in notes:
            self._listener.warned(note)
        epochs = self._plan.search_epochs
        return SearchHistory(search, self._ledger, max_epochs=epochs, earlier=earlier)

    def _search_roles(self, cut_off: "Iterable[StartedTrial]") -> list[Role]:
        """Return the roles of the search among those of trials that were cut off."""
        return [
            role
            for trial in cut_off
            for role in trial.roles
            if role.phase == SEARCH and self.present_space.has_trial(role, trial.key)
        ]

    def still_requested(self, cut_off: "Iterable[StartedTrial]") -> "list[StartedTrial]":
        """Return which trials that were cut off the present space still asks for."""
        return [
            trial
            for trial in cut_off
            if trial.key not in self._ledger.trials
            and any(self.present_space.has_trial(role, trial.key) for role in trial.roles)
        ]

    @property
    def search_trials(self) -> int:
        """Return how many configurations the search will try, as far as is known now."""
        return self._plan.search_trials if self.search is None else self.search.trials

    @property
    def is_finished(self) -> bool:
        """Return whether every trial of the plan has ended."""
        has_roles = self._cells or self._confirmations is None or self._confirmations
        has_suggestions = self.search is not None and self.search.has_more
        return not (self.trials or has_roles or has_suggestions)

    def take_next(self) -> QueuedTrial | None:
        """Take the next trial to run, and fill roles with recorded trials on the way to it.

        Returns:
            None if there is no trial now: wait for those that run, unless ``is_finished``.
        """
        for request in self._take_requests():
            trial = self.place(request)
            if trial is not None:
                return trial
        return None

    def record_and_decide(self, key: str, *, epoch: int, value: float) -> bool:
        """Record an epoch of the search's trial ``key``; return whether it should stop after it."""
        assert self.search is not None  # a trial of the search comes from it
        number = self.search.first_roles[key].number
        return self.search.history.record_and_decide(key, number, epoch=epoch, value=value)

    def record_end(self, key: str) -> None:
        """Tell the sampler how the trial ``key`` ended, whose row is in the ledger."""
        trial = self.trials.pop(key)
        self._recorded.update(trial.roles)
        for request in trial.requests:
            self._record_suggestion(request)
        if not trial.is_searched:
            self._reconsider(key)

    def take_suggestions(self) -> Iterator[Request]:
        """Take the search's suggestions one by one until it has suggested all of its trials."""
        search = self.search
        while search is not None and search.has_more:
            if not search.replay_next():
                request = search.take_next()
                if request is not None:
                    yield request

    def take_confirmations(self) -> Iterator[Request]:
        """Take the requests of the confirmation one by one; the search must have ended."""
        if self._confirmations is None:
            self._confirmations = deque(self._choose_confirmations())
        yield from self._requests.take(self._confirmations)

    def take_cells(self) -> Iterator[Request]:
        """Take the requests of the ablations one by one."""
        yield from self._requests.take(self._cells)

    def place(self, request: Request) -> QueuedTrial | None:
        """Return a new trial to run; None if a recorded trial or a running one answers."""
        key = request.trial.key
        if key in self.trials:
            self.trials[key].requests.append(request)
            return None
        if self._find_or_adopt(request):
            self._reuse(request)
            return None
        if key in self._ledger.trials:
            self._tried_again.add(key)
        trial = self.trials[key] = QueuedTrial(trial=request.trial, requests=[request])
        return trial

    def _take_requests(self) -> Iterator[Request]:
        yield from self.take_suggestions()
        if self._has_search_ended():
            yield from self.take_confirmations()
        yield from self.take_cells()

    def _find_or_adopt(self, request: Request) -> bool:
        """Find a recorded trial that answers, here or in a run beside this one; say if there is.

        One of another run is copied into this ledger. The search asks no other run: what it
        suggests next would then depend on them.
        """
        key = request.trial.key
        trial = self._ledger.trials.get(key)
        has_finished = trial is not None and trial.has_finished
        if request.role.phase != SEARCH and not has_finished and self._ledger.adopt(key):
            self._reconsider(key)
            return True
        return self._is_answered(request)

    def _is_answered(self, request: Request) -> bool:
        """Return whether the trial in the ledger answers a request.

        The search takes every result, unless all of its trials had failed; with another seed than
        the leading one it takes no trial that was stopped early. A confirmation or a cell needs a
        trial that ran to its end. One that failed for a reason outside of it is tried again, once a
        command.
        """
        key = request.trial.key
        trial = self._ledger.trials.get(key)
        if trial is None:
            return False
        if trial.has_finished or (trial.status == schema.FAILED and trial.failure == "nan"):
            return True
        if request.role.leads and (self.search is None or key not in self.search.retry_keys):
            return True
        if request.role.phase == SEARCH and request.role.group and trial.status == schema.FAILED:
            return True
        return key in self._tried_again

    def _reuse(self, request: Request) -> None:
        """Fill a role with the recorded trial, and tell the sampler its result."""
        role, key = request.role, request.trial.key
        if not request.is_repeat and role not in self._recorded:
            self._ledger.add_role(role, key)
            self._recorded.add(role)
            self._listener.reused(role, key)
        if request.is_awaited and self.search is not None:
            if role.leads:
                self.search.history.replay_epochs(key, self.search.first_roles[key].number)
            self._record_suggestion(request)

    def _reconsider(self, key: str) -> None:
        """Go on with a configuration of the search that was stopped and has now run to its end.

        A cell needs the whole trial. The configuration then counts as a finished one, so its other
        seeds follow and the confirmation is chosen again, as the next command would do.
        """
        if self.search is not None and key in self.search.first_roles:
            self.search.reopen(key)
            self._confirmations = None

    def _record_suggestion(self, request: Request) -> None:
        if request.is_awaited and self.search is not None:
            self.search.record_end(request)

    def _has_search_ended(self) -> bool:
        if self.search is None:
            return True
        return not self.search.has_more and not any(
            trial.is_searched for trial in self.trials.values()
        )

    def _choose_confirmations(self) -> list[Role]:
        """Choose the confirmation's roles; other ranks of the same configurations are dropped.

        The roles of configurations that are no longer chosen stay in the ledger; its readers take
        the present choice (``reports.ledger.goals.best_keys``).
        """
        self._warn_of_few()
        chosen: list[Role] = []
        if self.search is not None and self._plan.confirm_runs:
            chosen = confirmation_roles(self.search, self._plan)
            if not chosen:
                several = len(self._plan.search_seeds) > 1
                what = "trial of the search has finished"
                if several:
                    what = "configuration of the search has finished with every seed"
                self._listener.warned(f"nothing to confirm: no {what}")
        wanted, groups = set(chosen), {role.group for role in chosen}
        self._ledger.keep_roles(  # under another rank a configuration is confirmed once
            lambda role, key: role.phase != CONFIRM or role in wanted or role.group not in groups
        )
        self._recorded = set(self._ledger.roles)
        return chosen

    def _warn_of_few(self) -> None:
        search = self._space.search
        if self.search is not None and search is not None and self.search.trials < search.trials:
            tried = "configurations" if search.seeds else "trials"
            self._listener.warned(
                f"the search ended after {self.search.trials} {tried}, not {search.trials}: its "
                "parameters allow no other configuration"
            )
