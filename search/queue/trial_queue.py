"""What runs next: the search, its confirmation once it has ended, ablation cells in between.

The queue hands out trials and hears which have ended; of Ray it knows nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reports.ledger import schema
from reports.ledger.roles import Role, first_roles
from reports.ledger.schema import CONFIRM, SEARCH
from search.events import TrialName
from search.plan import Plan
from search.queue.recorded_trials import PresentSpace
from search.queue.requests import QueuedTrial, Request
from search.queue.search_queue import SearchQueue
from search.sampling.observation import Observation, to_observation
from search.sampling.warm_start import collect_earlier_trials
from search.space.explain import first_fault
from search.stopping.early_stopping import EarlyStopping
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.ledger import Ledger, UnderWay
    from search.space import Space
    from search.trials.factory import TrialFactory


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom the queue tells what it decides without running a trial."""

    reused: Callable[[Role, str], None]
    warned: Callable[[str], None]


class TrialQueue:
    """Hand out the trials of a run, each once.

    Args:
        space: what is run.
        plan: of the space.
        factory: resolves roles to trials.
        ledger: of the run.
        listener: hears of roles that the ledger answers.

    Attributes:
        live: the trials handed out and not ended, by key.
        search: the suggestions, None without a search.
        early_stopping: judges the search's trials epoch by epoch.
    """

    def __init__(
        self,
        space: "Space",
        plan: Plan,
        factory: "TrialFactory",
        ledger: "Ledger",
        listener: Listener,
    ) -> None:
        self._space, self._plan = space, plan
        self._factory, self._ledger, self._listener = factory, ledger, listener
        self._present = PresentSpace(space, plan, factory)
        self.live: dict[str, QueuedTrial] = {}
        self.search: SearchQueue | None = None
        self.early_stopping = EarlyStopping(space.search, plan.search_epochs)
        self._tried_again: set[str] = set()
        self._refused: dict[str, Role] = {}
        self._cells = iter(list(plan.ablations()))
        self._confirmations: Iterator[Role] | None = None
        self._recorded = set(ledger.roles)

    def restore(self, cut_off: "Iterable[UnderWay]" = (), *, records: bool = True) -> None:
        """Drop the roles that the present space does not ask for, and take up the search.

        Args:
            cut_off: trials that an earlier command left unfinished and that are still asked for.
            records: write down what is taken from the runs of ``search.from``.
        """
        self._drop_repeats()
        self._drop_strangers()
        self._recorded = set(self._ledger.roles)
        if self._space.search is None or not self._plan.search_trials:
            return
        earlier, notes = collect_earlier_trials(
            self._space, self._factory, folder=self._ledger.folder, record=records
        )
        for note in notes:
            self._listener.warned(note)
        self.search = SearchQueue(
            self._space,
            self._factory,
            self._ledger,
            [
                role
                for trial in cut_off
                for role in trial.roles
                if role.phase == SEARCH and self._present.asks_for(role, trial.key)
            ],
            trials=self._plan.search_trials,
            earlier=earlier,
        )
        if self.search.left_starts:
            self._listener.warned(_left_starts(self.search))

    def unfinished(self, cut_off: "Iterable[UnderWay]") -> "list[UnderWay]":
        """Return which trials that were cut off the present space still asks for."""
        return [
            trial
            for trial in cut_off
            if trial.key not in self._ledger.trials
            and any(self._present.asks_for(role, trial.key) for role in trial.roles)
        ]

    @property
    def search_trials(self) -> int:
        """Return how many trials the search will have, as far as is known now."""
        return self._plan.search_trials if self.search is None else self.search.trials

    def next(self) -> QueuedTrial | None:
        """Return the next trial to run; None if there is none now: wait, or see ``finished``."""
        for asked in self._asked():
            item = self.place(asked)
            if item is not None:
                return item
        return None

    @property
    def finished(self) -> bool:
        """Return whether nothing runs; call it after ``next`` has returned None."""
        return not self.live

    def ended(self, key: str) -> None:
        """Hear that a trial stands in the ledger; the study hears how it ended."""
        item = self.live.pop(key)
        self._recorded.update(item.roles)
        for asked in item.asked:
            self._tell(asked)

    def stops(self, key: str, epoch: int, value: float) -> bool:
        """Return whether the search's trial ``key`` should stop after ``epoch``."""
        number = self.search.keys[key].number if self.search is not None else 0
        return self.early_stopping.record_and_decide(key, number, epoch=epoch, value=value)

    def _asked(self) -> Iterator[Request]:
        yield from self.suggestions()
        if self._search_has_ended():
            yield from self.confirmations()
        yield from self.cells()

    def suggestions(self) -> Iterator[Request]:
        """Yield what the search asks for next, until it has named all of its trials."""
        search = self.search
        while search is not None and search.wants_more:
            answered = search.recall()
            if answered is not None:
                search.hear_again(*answered, self._observe(answered[1], replay=True))
                continue
            asked = search.propose()
            if asked is not None:
                yield asked

    def confirmations(self) -> Iterator[Request]:
        """Yield the confirmation's trials; call it once the search has ended."""
        if self._confirmations is None:
            self._confirmations = iter(self._choose_confirmations())
        yield from self._resolved(self._confirmations)

    def cells(self) -> Iterator[Request]:
        """Yield the trials of the ablations."""
        yield from self._resolved(self._cells)

    def _resolved(self, roles: Iterator[Role]) -> Iterator[Request]:
        for role in roles:
            try:
                trial = self._factory.resolve(role.changes, role.seed)
            except ValidationError as error:
                self._refuse(role, first_fault(error, self._space.experiment, role.changes))
                continue
            except SugrmError as error:
                self._refuse(role, str(error))
                continue
            yield Request(role, trial)

    def _refuse(self, role: Role, reason: str) -> None:
        """Warn that a role is not run; a reason that was told before is not repeated."""
        first = self._refused.setdefault(reason, role)
        if first is not role:
            reason = f"for the same reason as {TrialName.of(first, '').title}"
            self._listener.warned(f"{TrialName.of(role, '').title} is not run, {reason}")
        else:
            self._listener.warned(f"{TrialName.of(role, '').title} is not run: {reason}")

    def place(self, asked: Request) -> QueuedTrial | None:
        """Return a new trial to run; None if the ledger answers, or a running one will."""
        key = asked.trial.key
        if key in self.live:
            self.live[key].asked.append(asked)
            return None
        if self._is_answered(asked):
            if not asked.is_repeat and asked.role not in self._recorded:
                self._ledger.add_role(asked.role, key)
                self._recorded.add(asked.role)
                self._listener.reused(asked.role, key)
            self._tell(asked, replay=True)
            return None
        item = QueuedTrial(asked.trial, [asked])
        self.live[key] = item
        return item

    def _is_answered(self, asked: Request) -> bool:
        """Return whether the ledger's trial will do.

        The search takes every ending, unless all of its trials had failed. A confirmation or a
        cell needs a trial that ran to its end, in this run or in one beside it. One that failed for
        a reason outside of it is tried again, once a command. The search asks no other run: what it
        suggests next would then depend on them.
        """
        recorded = self._ledger.trials.get(asked.trial.key)
        searched = asked.role.phase == SEARCH
        finished = recorded is not None and recorded.has_finished
        if not searched and not finished and self._ledger.adopt(asked.trial.key):
            return True
        if recorded is None:
            return False
        stands = searched and (self.search is None or asked.trial.key not in self.search.again)
        if stands or finished:
            return True
        if recorded.status == schema.FAILED and recorded.failure == "nan":
            return True
        again = asked.trial.key not in self._tried_again
        self._tried_again.add(asked.trial.key)
        return not again

    def _tell(self, asked: Request, *, replay: bool = False) -> None:
        """Tell the study how a trial of the ledger ended."""
        if asked.suggestion is not None and self.search is not None:
            self.search.study.tell(asked.suggestion, self._observe(asked.trial.key, replay=replay))

    def _observe(self, key: str, *, replay: bool) -> Observation:
        """Return how a trial of the ledger ended; in a replay its epochs are judged again."""
        search = self._space.search
        assert search is not None  # a suggestion comes from a search
        curve = self._ledger.curve(key, search.primary.metric.removeprefix("valid/"))
        if replay:
            for epoch, value in enumerate(curve, start=1):
                self.stops(key, epoch, value)
        return to_observation(self._ledger.trials[key], curve, search.goals)

    def _search_has_ended(self) -> bool:
        if self.search is None:
            return True
        running = any(role.phase == SEARCH for item in self.live.values() for role in item.roles)
        return not self.search.wants_more and not running

    def _choose_confirmations(self) -> list[Role]:
        """Return the confirmation's roles.

        Those of configurations that are no longer chosen stay in the ledger; whoever reads it
        takes the present choice (``reports.ledger.goals.best_keys``).
        """
        self._warn_of_few()
        chosen: list[Role] = []
        if self.search is not None and self._plan.confirm_runs:
            best = self.search.best(self._plan.confirm_top)
            if not best:
                self._listener.warned("nothing to confirm: no trial of the search has finished")
            keys = {role: key for key, role in self.search.keys.items()}
            chosen = [
                Role(phase=CONFIRM, group=keys[role], number=rank, seed=seed, changes=role.changes)
                for rank, role in enumerate(best)
                for seed in self._plan.confirm_seeds
            ]
        wanted, groups = set(chosen), {role.group for role in chosen}
        self._ledger.keep_roles(  # under another rank a configuration is confirmed once
            lambda role, key: role.phase != CONFIRM or role in wanted or role.group not in groups
        )
        self._recorded = set(self._ledger.roles)
        return chosen

    def _warn_of_few(self) -> None:
        search = self._space.search
        if self.search is not None and search is not None and self.search.trials < search.trials:
            self._listener.warned(
                f"the search ended after {self.search.trials} trials, not {search.trials}: its "
                "parameters allow no other configuration"
            )

    def _drop_strangers(self) -> None:
        """Drop the roles that the present space does not ask for; warn of trials left out."""
        kept = self._present.kept(self._ledger.roles)
        self._ledger.keep_roles(lambda role, key: role in kept.roles)
        for line in kept.warnings:
            self._listener.warned(line)

    def _drop_repeats(self) -> None:
        """Drop the roles of repeated suggestions, which earlier versions of the code recorded."""
        first = first_roles(self._ledger.roles)
        self._ledger.keep_roles(lambda role, key: role.phase != SEARCH or role == first[key])


def _left_starts(search: SearchQueue) -> str:
    """Say that starting points are not run, and what would run them."""
    count, has = search.left_starts, search.trials
    points = "1 starting point is" if count == 1 else f"{count} starting points are"
    trials = "1 trial" if has == 1 else f"{has} trials"
    state = "has no more than its" if search.lacks else "already has its"
    return f"{points} not run: the search {state} {trials}; raise search.trials to {has + count}"
