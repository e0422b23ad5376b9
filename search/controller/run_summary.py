"""The result of a run, and what to do next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from reports.ledger.schema import FAILED
from search.budget.limits import spent_message
from search.controller.controller import Controller
from search.events import Event, RunEnded
from search.ledger import Ledger, RunningFolder
from search.sampling.importance import record_importance
from search.status.winner import winner_sentence
from search.tracking.packages import JOURNAL, TENSORBOARD

if TYPE_CHECKING:
    from search.space import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """The result of a run, counted in roles over all commands so far.

    Attributes:
        name: the name of the space.
        folder: the run folder.
        total: the most roles that the run has.
        finished: the roles whose trial ran to its end.
        stopped: the roles whose trial was stopped early.
        failed: the roles whose trial failed; its row says why.
        interrupted: whether Ctrl-C, the budget or failures alone ended the run before its plan was
            done.
        cut_off: the trials that had started and not ended when the run was interrupted.
        seconds: the seconds that this command took.
        earlier_seconds: the seconds that earlier commands of the run took.
        next_step: what to do next, None if every planned trial has run.
        spent: the budget that ended this command (``hours``, ``trials``, ``epochs``), else None.
        unconfirmed: why the planned confirmations cannot run, None where they can.
        winner: a sentence on how the search's best trial does over fresh seeds, None before then.
        gave_up: whether this command ended because every trial had failed.
        has_tracebacks: whether a failed trial recorded a traceback.
        tracking: the trackers that show the run.
    """

    name: str
    folder: Place
    total: int
    finished: int
    stopped: int
    failed: int
    interrupted: bool
    seconds: float
    next_step: str | None = None
    spent: str | None = None
    winner: str | None = None
    unconfirmed: str | None = None
    gave_up: bool = False
    has_tracebacks: bool = False
    tracking: tuple[str, ...] = ("tensorboard",)
    earlier_seconds: float = 0.0
    cut_off: int = 0

    @property
    def by_user(self) -> bool:
        """Return whether Ctrl-C, and neither a budget nor failures, ended the run."""
        return self.interrupted and self.spent is None and not self.gave_up


def finish_run(
    space: "Space",
    ledger: Ledger,
    *,
    controller: Controller,
    listen: Callable[[Event], None],
    seconds: float,
) -> RunSummary:
    """Record the importance of parameters, end the trackers, send ``RunEnded``; return a summary.

    Args:
        space: the space of the run.
        ledger: the run's ledger.
        controller: the controller of the run, which is closed.
        listen: gets the event.
        seconds: the seconds that this command took.
    """
    if unwritten := record_importance(space, ledger):
        controller.warn(unwritten)
    controller.trackers.send_recorded(ledger)  # those that were taken over from another run
    controller.trackers.close(done=not controller.interrupted)
    summary = _summary(space, ledger, controller=controller, seconds=seconds)
    listen(
        RunEnded(
            progress=controller.progress,
            interrupted=summary.interrupted,
            seconds=summary.seconds,
            next_step=summary.next_step,
        )
    )
    return summary


def _summary(
    space: "Space", ledger: Ledger, *, controller: Controller, seconds: float
) -> RunSummary:
    progress = controller.progress
    unconfirmed = progress.unconfirmed
    trials = ledger.trials.values()
    return RunSummary(
        name=space.name,
        folder=ledger.folder,
        total=progress.total,
        finished=progress.finished,
        stopped=progress.stopped,
        failed=progress.failed,
        interrupted=controller.interrupted,
        seconds=seconds,
        next_step=_next_step(controller, space),
        spent=controller.spent,
        winner=_winner(space, ledger),
        cut_off=len(RunningFolder(ledger.folder).read()) if controller.interrupted else 0,
        unconfirmed=None if unconfirmed is None else unconfirmed.why,
        gave_up=controller.gave_up,
        has_tracebacks=any(each.status == FAILED and each.traceback for each in trials),
        earlier_seconds=controller.budget.earlier_seconds,
        tracking=tuple(
            name for name in space.tracking if _shows(name, space, folder=ledger.folder)
        ),
    )


def _shows(tracker: str, space: "Space", *, folder: Place) -> bool:
    """Return whether a tracker has something to show: a published copy has no curves left."""
    if tracker == TENSORBOARD and not in_object_store(folder):
        return (folder / TENSORBOARD).is_dir()
    return tracker != JOURNAL or space.search is not None


def _winner(space: "Space", ledger: Ledger) -> str | None:
    if space.search is None:
        return None
    return winner_sentence(
        space.search.goals[0],
        ledger.roles,
        trials=ledger.trials,
        other_seeds=space.search.training_seeds[1:],
    )


def _next_step(controller: Controller, space: "Space") -> str | None:
    budget, search = space.budget, space.search
    if controller.spent is not None:
        limit = getattr(budget, controller.spent)
        return (
            f"{spent_message(budget, controller.spent)}; to go on, run the same command with a "
            f"larger one, as in --set budget.{controller.spent}={2 * limit:g}"
        )
    if controller.gave_up:
        section = "search." if search and search.stop_after_failures is not None else ""
        return (
            "fix the cause, then run the same command again: what failed runs again, but not "
            f"after nan; with --set {section}stop_after_failures=0 failures end no run"
        )
    if controller.interrupted:
        return "run the same command again to go on"
    unconfirmed = controller.progress.unconfirmed
    return None if unconfirmed is None else unconfirmed.next_step
