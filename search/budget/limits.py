"""What a run has taken so far, and which of its budgets that spends."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.ledger.trials import Trial
    from search.space.sections import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run has taken over all of its commands.

    Attributes:
        seconds: that its commands were at work.
        trials: computed by it, those that run included.
        epochs: of these.
    """

    seconds: float = 0.0
    trials: int = 0
    epochs: int = 0


def own_epochs(trials: "Iterable[Trial]") -> dict[str, int]:
    """Return the epochs of each ended trial that the run computed itself, by key."""
    return {trial.key: trial.epochs or 0 for trial in trials if trial.adopted_from is None}


def spent_budget(budget: "Budget", usage: Usage) -> str | None:
    """Return which budget is spent, as its key, None while there is some of each left."""
    limits = (
        ("hours", budget.hours, usage.seconds / 3600),
        ("epochs", budget.epochs, usage.epochs),
        ("trials", budget.trials, usage.trials),
    )
    return next((name for name, limit, used in limits if limit and used >= limit), None)


def spent_message(budget: "Budget", name: str) -> str:
    """Say that the budget ``name`` is spent."""
    return f"the budget of {getattr(budget, name):g} {name} is spent"


def budget_lines(
    budget: "Budget", usage: Usage, spent: str | None, *, trials: int, epochs: float
) -> Iterator[str]:
    """Yield what the budget lets a command compute of what is left, nothing where it is enough.

    Args:
        budget: of the space.
        usage: so far.
        spent: the budget that keeps the first trial from starting, None if none does.
        trials: that are left and that the budget does not count yet, at most.
        epochs: that are left, at most.
    """
    if spent is not None:
        yield f"{spent_message(budget, spent)}: this command starts none; raise budget.{spent}"
        return
    if not epochs:
        return
    parts = []
    if budget.trials and trials > budget.trials - usage.trials:
        parts.append(_more(budget.trials - usage.trials, "trial"))
    if budget.epochs and epochs > budget.epochs - usage.epochs:
        parts.append(_more(budget.epochs - usage.epochs, "epoch"))
    if budget.hours:
        parts.append(_more(round(budget.hours - usage.seconds / 3600, 2), "hour"))
    if parts:
        first = ", whichever comes first" if len(parts) > 1 else ""
        yield f"the budget ends the run at {' or '.join(parts)}{first}"


def _more(number: float, noun: str) -> str:
    return f"{max(number, 0):g} more {noun}" + ("" if number == 1 else "s")
