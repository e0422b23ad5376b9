"""What runs next: the search, its confirmation once it has ended, ablation cells in between.

The agenda hands out trials and hears which have ended; of Ray it knows nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reports import schema
from search.plan import ABLATION, CONFIRM, SEARCH, Plan, Role
from search.tune.earlier import earlier_trials
from search.tune.early_stopping import EarlyStopping
from search.tune.items import Asked, Item
from search.tune.outcome import told
from search.tune.search_agenda import MOST_REPEATS, SearchAgenda
from search.tune.study import Told
from sugrm import SugrmError

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.space import Space
    from search.tune.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom the agenda tells what it decides without running a trial."""

    reused: Callable[[Role, str], None]
    warned: Callable[[str], None]


class Agenda:
    """Hand out the trials of a run, each once.

    Args:
        space: what is run.
        plan: of the space.
        catalogue: resolves roles to trials.
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
        catalogue: "Catalogue",
        ledger: "Ledger",
        listener: Listener,
    ) -> None:
        self._space, self._plan = space, plan
        self._catalogue, self._ledger, self._listener = catalogue, ledger, listener
        self.live: dict[str, Item] = {}
        self.search: SearchAgenda | None = None
        self.early_stopping = EarlyStopping(space.search, plan.search_epochs)
        self._tried_again: set[str] = set()
        self._cells = iter(list(plan.ablations()))
        self._confirmations: Iterator[Role] | None = None
        self._recorded = set(ledger.roles)

    def begin(self, cut_off: Iterable[Role]) -> int:
        """Drop the roles of earlier versions of the space and take up the search.

        Returns:
            How many roles were dropped from the ledger.
        """
        wanted = {role: role for role in self._plan.ablations()}
        dropped = self._ledger.keep_roles(lambda role, key: self._is_current(role, key, wanted))
        self._recorded = set(self._ledger.roles)
        if self._space.search is not None and self._plan.search_trials:
            current = [role for role in cut_off if self._is_current(role, None, wanted)]
            earlier, notes = earlier_trials(self._space, self._catalogue, self._ledger.folder)
            for note in notes:
                self._listener.warned(note)
            self.search = SearchAgenda(
                self._space, self._catalogue, self._ledger, current, earlier=earlier
            )
        return dropped

    def asks_for(self, role: Role, key: str) -> bool:
        """Return whether this version of the space asks for ``role``, and for that very trial."""
        return self._is_current(role, key, {cell: cell for cell in self._plan.ablations()})

    def next(self) -> Item | None:
        """Return the next trial to run; None if there is none now: wait, or see ``finished``."""
        for asked in self._asked():
            item = self._place(asked)
            if item is not None:
                return item
        return None

    @property
    def finished(self) -> bool:
        """Return whether nothing runs; call it after ``next`` has returned None."""
        return not self.live

    def ended(self, key: str) -> None:
        """Hear that a trial stands in the ledger; the study hears how it ended."""
        for asked in self.live.pop(key).asked:
            self._recorded.add(asked.role)
            self._tell(asked)

    def stops(self, key: str, epoch: int, value: float) -> bool:
        """Return whether the search's trial ``key`` should stop after ``epoch``."""
        number = self.search.keys[key].number if self.search is not None else 0
        return self.early_stopping.stops(key, number, epoch, value)

    def _asked(self) -> Iterator[Asked]:
        if self.search is not None:
            yield from self._suggestions(self.search)
        if self._search_has_ended():
            if self._confirmations is None:
                self._confirmations = iter(self._choose_confirmations())
            yield from self._resolved(self._confirmations)
        yield from self._resolved(self._cells)

    def _suggestions(self, search: SearchAgenda) -> Iterator[Asked]:
        while search.wants_more:
            answered = search.recall()
            if answered is not None:
                search.hear_again(*answered, self._told(answered[1], replay=True))
                continue
            asked = search.propose()
            if asked is not None:
                yield asked
            if search.exhausted:
                self._listener.warned(
                    f"the search ended after {len(search.keys)} trials: {MOST_REPEATS} suggestions "
                    "in a row brought no new one; its parameters allow few combinations"
                )

    def _resolved(self, roles: Iterator[Role]) -> Iterator[Asked]:
        for role in roles:
            try:
                trial = self._catalogue.resolve(role.changes, role.seed)
            except (ValidationError, SugrmError) as error:
                self._listener.warned(f"{role.name('').title} is not run: {error}")
                continue
            yield Asked(role, trial)

    def _place(self, asked: Asked) -> Item | None:
        """Return a new trial to run; None if the ledger answers, or a running one will."""
        key = asked.trial.key
        if key in self.live:
            self.live[key].asked.append(asked)
            return None
        if self._is_answered(asked):
            if asked.role not in self._recorded:
                self._ledger.add_role(asked.role, key)
                self._recorded.add(asked.role)
                self._listener.reused(asked.role, key)
            self._tell(asked, replay=True)
            return None
        item = Item(asked.trial, [asked])
        self.live[key] = item
        return item

    def _is_answered(self, asked: Asked) -> bool:
        """Return whether the ledger's trial will do.

        The search takes every ending. A confirmation or a cell needs a trial that ran to its
        end, in this run or in one beside it; one that failed for a reason outside of it is tried
        again, once a command. The search asks no other run: what it suggests next would then
        depend on them.
        """
        row = self._ledger.trials.get(asked.trial.key)
        searched = asked.role.phase == SEARCH
        finished = row is not None and row["status"] == schema.FINISHED
        if not searched and not finished and self._ledger.adopt(asked.trial.key):
            return True
        if row is None:
            return False
        if searched or finished:
            return True
        if row["status"] == schema.FAILED and row["failure"] == "nan":
            return True
        again = asked.trial.key not in self._tried_again
        self._tried_again.add(asked.trial.key)
        return not again

    def _tell(self, asked: Asked, *, replay: bool = False) -> None:
        """Tell the study how a trial of the ledger ended."""
        if asked.suggestion is not None and self.search is not None:
            self.search.study.tell(asked.suggestion, self._told(asked.trial.key, replay=replay))

    def _told(self, key: str, *, replay: bool) -> Told:
        """Return how a trial of the ledger ended; in a replay its epochs are judged again."""
        search = self._space.search
        assert search is not None  # a suggestion comes from a search
        curve = self._ledger.curve(key, search.primary.metric.removeprefix("valid/"))
        if replay:
            for epoch, value in enumerate(curve, start=1):
                self.stops(key, epoch, value)
        return told(self._ledger.trials[key], curve, search.goals)

    def _search_has_ended(self) -> bool:
        if self.search is None:
            return True
        running = any(role.phase == SEARCH for item in self.live.values() for role in item.roles)
        return not self.search.wants_more and not running

    def _choose_confirmations(self) -> list[Role]:
        """Return the confirmation's roles; those of configurations no longer chosen are dropped."""
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
        wanted = set(chosen)
        self._ledger.keep_roles(lambda role, key: role.phase != CONFIRM or role in wanted)
        self._recorded = set(self._ledger.roles)
        return chosen

    def _is_current(self, role: Role, key: str | None, cells: Mapping[Role, Role]) -> bool:
        """Return whether this version of the space asks for ``role``, and for that very trial."""
        search, changes = self._space.search, role.changes
        if role.phase == ABLATION:
            wanted = role in cells
            changes = cells[role].changes if wanted else {}
        elif role.phase == CONFIRM:
            wanted = role.seed in self._plan.confirm_seeds
        else:
            varied = search is not None and set(role.changes) <= set(search.parameters)
            started = search is not None and role.changes in search.start
            wanted = role.seed == self._plan.search_seed and (varied or started)
        if not wanted:
            return False
        try:
            return key in (None, self._catalogue.resolve(changes, role.seed).key)
        except (ValidationError, SugrmError, KeyError):
            return False
