"""What a run would compute now, found with the queue that the run itself uses.

The queue works on a ledger that it cannot change. Recorded trials fill roles as in the run; the
trials that the queue would give out are the result. What depends on trials that are not computed
yet (later suggestions, which configurations are confirmed) is counted as the most that may come.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH
from search.budget.limits import Usage
from search.budget.tracker import BudgetTracker
from search.ledger.experiment_file import changed_data
from search.ledger.read_only import ReadOnlyLedger
from search.ledger.running_trials import RunningFolder
from search.ledger.utterances import damaged_utterances
from search.plan import Plan
from search.queue.listener import Listener
from search.queue.requests import Request
from search.queue.trial_queue import TrialQueue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reports.ledger.places.storage import Place
    from search.ledger import StartedTrial
    from search.space import Space
    from search.trials.factory import ResolvedTrial, TrialFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """The trials that a run has still to compute.

    Attributes:
        trials: the phase and the trial of each trial that is known.
        suggestions: the most trials of the search that are not known: those of configurations that
            its sampler has still to suggest, and other seeds of those that have begun.
        confirmations: the most trials of configurations that the search has still to choose.
        warnings: the warnings of the run.
        usage: how much of the budget is used so far.
        spent: the budget that keeps the first of the trials from starting, None if none does.
        continued: how many of the known trials had started, so that the budget counts them already.
    """

    trials: "tuple[tuple[str, ResolvedTrial], ...]" = ()
    suggestions: int = 0
    confirmations: int = 0
    warnings: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    spent: str | None = None
    continued: int = 0

    @property
    def count(self) -> int:
        """Return how many trials are left, at most."""
        return len(self.trials) + self.suggestions + self.confirmations


def remaining_trials(
    space: "Space", plan: Plan, *, factory: "TrialFactory", folder: "Place"
) -> Remaining:
    """Return what ``run_space`` would compute in the run ``folder``; nothing is written.

    Raises:
        SearchError: ``run_space`` would raise it as well.
    """
    return DryRun(space, plan, factory=factory, ledger=ReadOnlyLedger(folder)).go()


class DryRun:
    """Go through the phases of a run without computing a trial.

    Args:
        space: the space of the run.
        plan: the plan of that space.
        factory: resolves trials.
        ledger: the run's ledger; it changes in memory alone.
    """

    def __init__(
        self, space: "Space", plan: Plan, *, factory: "TrialFactory", ledger: ReadOnlyLedger
    ) -> None:
        self._space, self._plan, self._factory, self._ledger = space, plan, factory, ledger
        data = changed_data(ledger.folder, factory.fingerprints)
        self._budget = BudgetTracker(
            space.budget, ledger.folder, trials=ledger.trials, records=False
        )
        utterances = damaged_utterances(ledger.folder)
        self._warnings = [*ledger.warnings, *data, *utterances, *self._budget.warnings]
        listener = Listener(lambda role, key: None, self._warnings.append)
        self._queue = TrialQueue(space, plan, factory=factory, ledger=ledger, listener=listener)
        self._found: list[tuple[str, ResolvedTrial]] = []
        self._open = 0  # configurations of the search that have trials left

    def go(self) -> Remaining:
        """Go through all phases, once; return the trials that are left."""
        queue, cut_off = self._queue, self._restore()
        suggestions = self._add_search()
        confirmations = 0
        if suggestions or self._found:
            confirmations = self._most_confirmations()
        else:
            self._add(queue.take_confirmations())
        self._add(queue.take_cells())
        started = {trial.key for trial in cut_off if trial.epoch}
        return Remaining(
            trials=tuple(self._found),
            suggestions=suggestions,
            confirmations=confirmations,
            warnings=tuple(self._warnings),
            usage=self._budget.usage,
            spent=self._spent(suggestions),
            continued=sum(trial.key in started for _, trial in self._found),
        )

    def _restore(self) -> "list[StartedTrial]":
        """Restore the queue; return the trials that were cut off and are still requested."""
        running = RunningFolder(self._ledger.folder)
        cut_off = self._queue.still_requested(running.read())
        self._warnings += running.damaged
        self._budget.add_cut_off(cut_off)
        self._queue.restore(cut_off, records=False)
        return cut_off

    def _spent(self, suggestions: int) -> str | None:
        """Return the budget that keeps the first trial from starting, None if none does."""
        if not self._found:
            return self._budget.spent_before("") if suggestions else None
        phase, trial = self._found[0]
        is_first = phase == SEARCH or not suggestions
        return self._budget.spent_before(trial.key if is_first else "")

    def _add(self, requests: "Iterable[Request]") -> bool:
        """Add the trials that no recorded trial answers; return whether there is one."""
        before = len(self._found)
        for each in requests:
            if self._queue.place(each) is not None:
                self._found.append((each.role.phase, each.trial))
        return len(self._found) > before

    def _add_search(self) -> int:
        """Add the search's known trials; return how many others may follow, at most."""
        search, seeds = self._queue.search, len(self._plan.search_seeds)
        if search is None:
            return 0
        known = [  # repeats record no role: the numbers of these suggestions are not known here
            Request(role=Role(phase=SEARCH, seed=trial.seed), trial=trial, is_repeat=True)
            for trial in search.upcoming
        ]
        named = search.first_roles.keys() | {request.trial.key for request in known}
        self._add(known)
        self._open = len(self._found) if seeds == 1 else len(known)
        others = len(known) * (seeds - 1) + self._add_seeds()
        if not self._found and search.missing and (known or self._may_answer(named)):
            # The sampler has the whole history, so its next suggestions are those of the run.
            taken = self._queue.take_suggestions()
            first = next((each for each in taken if self._add([each])), None)
            if first is None:
                return 0
            begun = search.seeds_left(first.role.group or first.trial.key) - 1
            self._open = 1 + search.missing
            return search.missing * seeds + begun
        left = max(0, self._plan.search_trials - len(named))
        self._open += left
        return left * seeds + others

    def _add_seeds(self) -> int:
        """Add the next seed of each configuration that has begun; return how many may follow."""
        search, others = self._queue.search, 0
        assert search is not None
        for key in search.first_roles:
            while (request := search.next_seed(key)) is not None:
                if self._add([request]):
                    self._open += 1
                    others += search.seeds_left(key) - 1
                    break
        return others

    def _may_answer(self, named: "Iterable[str]") -> bool:
        """Return whether the ledger holds a trial that the search may still suggest."""
        others = self._ledger.trials.keys() - set(named)
        seed = self._plan.search_seed
        return any(self._ledger.trials[key].seed == seed for key in others)

    def _most_confirmations(self) -> int:
        """Return the most confirmations that are left, if the search has trials to run.

        Each configuration with such a trial may become one of the best. With several objectives,
        one that enters the Pareto set may remove any number of others from it, or improve their
        rank.
        """
        search, plan, queue = self._space.search, self._plan, self._queue.search
        if queue is None or search is None or not plan.confirm_runs:
            return 0
        top, seeds = min(plan.confirm_top, plan.search_trials), plan.confirm_seeds
        entering = min(top, self._open) if len(search.goals) == 1 else top
        staying = [queue.first_roles[key] for key in queue.best_keys(top - entering)]
        missing = sum(not self._has_finished(role, seed) for role in staying for seed in seeds)
        return entering * len(seeds) + missing

    def _has_finished(self, role: Role, seed: int) -> bool:
        trial = self._ledger.trials.get(self._factory.key(role.changes, seed))
        return trial is not None and trial.has_finished
