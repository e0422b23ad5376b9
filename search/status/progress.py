"""The progress of a run, counted from its ledger: the same for the run itself and ``status``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.goals import Goal
from reports.ledger.roles import Role
from reports.ledger.schema import ABLATION, CONFIRM, SEARCH
from search.events import Progress, Unconfirmed
from search.ledger.run_index import RunIndex
from search.status.unconfirmed import unconfirmed_of

if TYPE_CHECKING:
    from search.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How many trials a run has at most.

    Attributes:
        search: the configurations that the search tries, at least 0.
        confirm_top: the configurations that are confirmed, at least 0.
        confirm_seeds: the seeds of each confirmed configuration, at least 0.
        ablation: the trials of the ablations (cells x seeds), at least 0.
        cells: (group, cell) -> the trials of this cell; empty where the plan is not known.
        goals: the objectives of the search, the first one first.
        other_seeds: the seeds of each configuration of the search besides the leading one.
        left_out: the trials with other seeds that ended configurations do without.
    """

    search: int
    confirm_top: int
    confirm_seeds: int
    ablation: int
    goals: tuple[Goal, ...] = ()
    other_seeds: tuple[int, ...] = ()
    left_out: int = 0
    cells: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, plan: "Plan", goals: Sequence[Goal], *, search: int, left_out: int = 0
    ) -> "Amounts":
        """Return the amounts of a plan.

        Args:
            plan: the plan.
            goals: the objectives of the search, the first one first.
            search: how many configurations the search will try.
            left_out: how many trials with other seeds its ended configurations do without.
        """
        return cls(
            search=search,
            confirm_top=plan.confirm_top,
            confirm_seeds=len(plan.confirm_seeds),
            ablation=plan.ablation_runs,
            goals=tuple(goals),
            other_seeds=plan.search_seeds[1:],
            left_out=left_out,
            cells={
                (cell.group, cell.name): len(plan.seeds) for cell in plan.cells if cell.runnable
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The trials of a run that count.

    Attributes:
        index: the trials and roles of the run.
        left: the groups of the confirmations that do not count.
        total: the most trials of the run, as far as is known now.
        search_left: the trials of the search among those that have not ended.
        cells_left: (group, cell) -> the trials of this cell among those that have not ended.
        unconfirmed: why the planned confirmations, which ``total`` counts, cannot run; else None.
    """

    index: RunIndex
    left: frozenset[str]
    total: int
    search_left: int
    cells_left: Mapping[tuple[str, str], int]
    unconfirmed: Unconfirmed | None = None

    @property
    def ended(self) -> Mapping[Role, str]:
        """Return role -> key of its trial, of the trials that count.

        They are the first role of each trial of the search, those with other seeds, the
        confirmations of the present choice, and every cell of an ablation.
        """
        searched = self.index.of(SEARCH).items()
        confirmed = self.index.of(CONFIRM).items()
        return {
            **{role: key for key, role in self.index.first.items()},
            **{role: key for role, key in searched if role.group},
            **self.index.of(ABLATION),
            **{role: key for role, key in confirmed if role.group not in self.left},
        }

    def progress(self, running: int) -> Progress:
        """Return the progress of the run while ``running`` trials run."""
        count: Counter[str] = Counter()
        for (phase, group, status), roles in self.index.ends.items():
            if phase != CONFIRM or group not in self.left:
                count[status] += roles
        return Progress(
            total=max(self.total, count.total() + running),
            finished=count[schema.FINISHED],
            stopped=count[schema.STOPPED],
            failed=count[schema.FAILED],
            running=running,
            search_left=self.search_left,
            cells_left=self.cells_left,
            unconfirmed=self.unconfirmed,
        )


def count_roles(index: RunIndex, amounts: Amounts) -> Counts:
    """Return which of the recorded roles count, and how many trials there may be.

    Every cell x seed of an ablation counts. Every trial of the search counts once, however many
    suggestions it answered. A confirmation counts if its configuration is one of the best now; the
    trials of an earlier winner stay in the ledger and do not count. Where the search has ended and
    no configuration of it has, the planned confirmations count as trials that cannot run.

    Args:
        index: the trials that ended, and their roles.
        amounts: how many trials the run has at most.
    """
    searched = len(index.first)
    runs = max(amounts.search, searched) * (1 + len(amounts.other_seeds)) - amounts.left_out
    has_ended = searched >= amounts.search and searched + len(index.leads) >= runs
    configurations = min(amounts.confirm_top, amounts.search)
    left: frozenset[str] = frozenset()
    unconfirmed = None
    if index.of(CONFIRM) or has_ended:
        best = set(index.best(amounts.goals, amounts.confirm_top, other_seeds=amounts.other_seeds))
        groups = {role.group for role in index.of(CONFIRM)}
        left = frozenset(group for group in groups if group in index.first and group not in best)
        if has_ended and not best:
            unconfirmed = unconfirmed_of(
                index,
                trials=configurations * amounts.confirm_seeds,
                seeds=1 + len(amounts.other_seeds),
            )
        elif has_ended:
            configurations = len(best)
    total = runs + amounts.ablation + configurations * amounts.confirm_seeds
    return Counts(
        index=index,
        left=left,
        total=total,
        search_left=max(0, runs - searched - len(index.leads)),
        cells_left={cell: max(0, n - index.cells[cell]) for cell, n in amounts.cells.items()},
        unconfirmed=unconfirmed,
    )
