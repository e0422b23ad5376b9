"""What a run has still to compute: one answer for the run, its dry run and its plan."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.budget.limits import budget_lines
from search.estimate.work import Work, remaining_work
from search.preflight import Checked, check_before_run
from search.queue.dry_run import Remaining, remaining_trials

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.space import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftToCompute:
    """The result of the checks before a run, and what the run would compute.

    Attributes:
        checked: the result of the checks.
        remaining: the trials that are left.
        work: the trials that are left, grouped by phase and cost.
        limits: what the budget leaves of the work, in words.
    """

    checked: Checked
    remaining: Remaining
    work: tuple[Work, ...]
    limits: tuple[str, ...]


def left_to_compute(space: "Space", runs: "Place") -> LeftToCompute:
    """Check a run before it starts and return what it would compute; nothing is written.

    Raises:
        SearchError, StorageError, SugrmError: ``run_space`` would refuse the run.
    """
    checked = check_before_run(space, runs)
    plan = checked.plan
    remaining = remaining_trials(space, plan, factory=checked.factory, folder=checked.folder)
    work = tuple(remaining_work(space, plan, remaining=remaining))
    limits = budget_lines(
        space.budget,
        remaining.usage,
        spent=remaining.spent,
        trials=remaining.count - remaining.continued,
        epochs=sum(each.most_epochs for each in work),
    )
    return LeftToCompute(checked=checked, remaining=remaining, work=work, limits=tuple(limits))
