"""What a run has still to compute, asked once for the run, its dry run and its plan."""

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
class Left:
    """What the checks before a run have found, and what it would compute.

    Attributes:
        checked: what the checks have found.
        remaining: the trials that are left.
        work: the same by phase and by what trials cost.
        limits: what the budget leaves of it, in words.
    """

    checked: Checked
    remaining: Remaining
    work: tuple[Work, ...]
    limits: tuple[str, ...]


def left_to_compute(space: "Space", runs: "Place") -> Left:
    """Make the checks before a run and return what it would compute; nothing is written.

    Raises:
        SearchError, StorageError, SugrmError: as ``run_search``, before it starts.
    """
    checked = check_before_run(space, runs)
    plan = checked.plan
    remaining = remaining_trials(space, plan, checked.factory, checked.folder)
    work = tuple(remaining_work(space, plan, remaining))
    limits = budget_lines(
        space.budget,
        remaining.usage,
        remaining.spent,
        trials=remaining.count - remaining.continued,
        epochs=sum(each.most_epochs for each in work),
    )
    return Left(checked=checked, remaining=remaining, work=work, limits=tuple(limits))
