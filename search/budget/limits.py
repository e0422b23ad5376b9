"""How much a run has used so far, and which of its budgets are spent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.ledger.trials import Trial
    from search.space.sections import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much a run has used over all of its commands.

    Attributes:
        seconds: the seconds that its commands took.
        trials: the trials that it computed, those that run included.
        epochs: the epochs of these trials.
    """

    seconds: float = 0.0
    trials: int = 0
    epochs: int = 0


def own_epochs(trials: "Iterable[Trial]") -> dict[str, int]:
    """Return the epochs of each ended trial that the run computed itself, by key."""
    return {trial.key: trial.epochs or 0 for trial in trials if trial.adopted_from is None}


def spent_budget(budget: "Budget", usage: Usage) -> str | None:
    """Return the key of a budget that is spent, None while some of each is left."""
    limits = (
        ("hours", budget.hours, usage.seconds / 3600),
        ("epochs", budget.epochs, usage.epochs),
        ("trials", budget.trials, usage.trials),
    )
    return next((name for name, limit, used in limits if limit and used >= limit), None)


def spent_message(budget: "Budget", name: str) -> str:
    """Return the message that the budget ``name`` is spent."""
    return f"the budget of {getattr(budget, name):g} {name} is spent"


def budget_lines(
    budget: "Budget", usage: Usage, *, spent: str | None, trials: int, epochs: float
) -> Iterator[str]:
    """Yield at which point the budget ends a command, nothing if it allows all that is left.

    Args:
        budget: the space's budget section.
        usage: how much the run has used so far.
        spent: the budget that keeps the first trial from starting, None if none does.
        trials: the most trials that are left and that ``usage`` does not count yet.
        epochs: the most epochs that are left.
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
