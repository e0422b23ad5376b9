"""The driver's side of a run: hand out trials, hear their reports, keep the ledger."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reports import schema
from reports.storage import remove_tree
from search.events import (
    EpochDone,
    Event,
    Progress,
    RunWarning,
    TrialEnded,
    TrialReused,
    TrialStarted,
)
from search.ledger import RunningFolder, UnderWay
from search.plan import SEARCH, Role
from search.tune.agenda import Agenda, Listener
from search.tune.messages import CRASH, Failure, Report, TrialTask
from search.tune.outcome import Ending, ended_trial
from search.tune.standing import count_roles
from search.tune.tensorboard import Board

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.plan import Plan
    from search.space import Space
    from search.tune.catalogue import Catalogue
    from search.tune.items import Item
    from sugrm import EpochRecord


@dataclass(slots=True)
class _Live:
    """A trial in the hands of a worker; ``losses`` counts the workers that died under it."""

    item: "Item"
    attempts: int
    records: "list[EpochRecord]" = field(default_factory=list)
    losses: int = 0
    loss: Failure | None = None


class Director:
    """Run a plan; Ray's searcher and scheduler only pass on what happens.

    An error of the driver's own work (a full disk) closes the run and is kept in ``error``,
    since Ray would log it and go on.

    Args:
        space: what is run.
        plan: of the space.
        catalogue: resolves trials.
        ledger: of the run.
        listen: hears the events.

    Attributes:
        closing: no trial is handed out any more, and those that run should be stopped.
        interrupted: closed before the plan was done, by Ctrl-C or the budget.
        error: what broke the driver.
    """

    def __init__(
        self,
        space: "Space",
        plan: "Plan",
        catalogue: "Catalogue",
        ledger: "Ledger",
        listen: Callable[[Event], None],
    ) -> None:
        self._space, self._plan = space, plan
        self._catalogue, self._ledger, self._listen = catalogue, ledger, listen
        self._running = RunningFolder(ledger.folder)
        self._board = Board(ledger.folder / "tensorboard")
        self._agenda = Agenda(space, plan, catalogue, ledger, Listener(self._reused, self.warn))
        self._metric = _objective_metric(space)
        self._attempts: dict[str, int] = {}
        self._live: dict[str, _Live] = {}
        self._held: Item | None = None
        self.closing = False
        self.interrupted = False
        self.error: Exception | None = None

    def begin(self) -> int:
        """Take up what an earlier run left; return how many trials were cut off."""
        cut_off = self._running.read()
        self._attempts = {trial.key: trial.attempts for trial in cut_off}
        left = [trial for trial in cut_off if trial.key not in self._ledger.trials]
        for trial in cut_off:
            if trial not in left:
                self._forget(trial.key)
        dropped = self._agenda.begin(
            role for trial in left for role in trial.roles if role.phase == SEARCH
        )
        if dropped:
            self.warn(
                f"the space changed: {dropped} earlier results no longer belong to it; their "
                "trials stay in the ledger and serve again where a configuration returns"
            )
        return len(left)

    @property
    def progress(self) -> Progress:
        """Return where the run stands."""
        return count_roles(
            self._ledger.roles,
            self._ledger.trials,
            total=self._plan.total,
            running=len(self._live),
        )

    @property
    def running(self) -> int:
        """Return how many trials are in the hands of workers."""
        return len(self._live)

    def has_work(self) -> bool:
        """Return whether a trial is to be run; what the ledger answers is answered by this."""
        self._held = self._held or self._agenda.next()
        return self._held is not None

    @property
    def ended(self) -> bool:
        """Return whether there is nothing left; call it after ``hand_out`` has returned None."""
        return self.closing or self._agenda.finished

    def hand_out(self, trial_id: str) -> TrialTask | None:
        """Return the next task, for the worker that Ray calls ``trial_id``; None if none now."""
        item = None if self.closing else self._held or self._agenda.next()
        self._held = None
        if item is None:
            return None
        attempts = self._attempts.get(item.key, 0) + 1
        self._attempts[item.key] = attempts
        self._running.write(UnderWay(key=item.key, roles=item.roles, attempts=attempts))
        self._live[trial_id] = _Live(item, attempts)
        self._board.begin(item)
        self._listen(
            TrialStarted(
                name=item.role.name(item.key), changes=item.role.changes, progress=self.progress
            )
        )
        return self._catalogue.task(item.trial)

    def hear(self, trial_id: str, report: Report, node: str | None) -> bool:
        """Take a worker's report; return whether the trial should stop, or has ended by itself."""
        live = self._live.get(trial_id)
        if live is None:
            return True
        stops = False
        if report.record is not None and report.record.epoch > len(live.records):
            live.records.append(report.record)
            stops = self._hear_epoch(live, report.record)
        if report.outcome is not None:
            self._end(trial_id, schema.FINISHED, report, node)
        elif report.failure is not None:
            self._end(trial_id, schema.FAILED, report, node)
        elif stops:
            self._end(trial_id, schema.STOPPED, report, node)
        return trial_id not in self._live

    def lost(self, trial_id: str, kind: str, message: str) -> None:
        """Hear that the worker of a trial died."""
        live = self._live.get(trial_id)
        if live is not None:
            live.losses += 1
            live.loss = Failure(kind=kind, message=message.splitlines()[0], traceback=message)
            title = live.item.role.name(live.item.key).title
            self.warn(f"the worker of {title} was lost ({kind}: {live.loss.message})")

    def give_up(self, trial_id: str) -> None:
        """Hear that a trial whose workers died is not tried again in this run."""
        live = self._live.get(trial_id)
        if live is not None:
            failure = live.loss or Failure(kind=CRASH, message="no result", traceback="")
            live.losses -= 1
            self._end(trial_id, schema.FAILED, Report(failure=failure), None)

    def interrupt(self, message: str) -> None:
        """Stop handing out; what runs stays recorded as under way."""
        if not self.closing:
            self.closing = self.interrupted = True
            self.warn(message)

    def close(self) -> None:
        """Stop handing out and close the files."""
        self.closing = True
        self._board.close()

    def warn(self, message: str) -> None:
        """Tell the listener something that the user should know."""
        self._listen(RunWarning(message=message))

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Keep an error of the driver and close the run."""
        try:
            yield
        except Exception as error:
            self.error = self.error or error
            self.closing = True

    def _hear_epoch(self, live: _Live, record: "EpochRecord") -> bool:
        item = live.item
        self._board.epoch(item.key, record)
        self._listen(
            EpochDone(
                name=item.role.name(item.key),
                epoch=record.epoch,
                max_epochs=item.trial.config.training.max_epochs,
                seconds=record.seconds,
                train_loss=record.train_loss,
                valid=record.valid,
            )
        )
        if not any(role.phase == SEARCH for role in item.roles):
            return False
        value = record.valid[self._metric]
        stops = self._agenda.early_stopping.stops(item.key, record.epoch, value)
        return stops and item.stoppable

    def _end(self, trial_id: str, status: str, report: Report, node: str | None) -> None:
        live = self._live[trial_id]
        key = live.item.key
        ending = Ending(
            status=status,
            outcome=report.outcome,
            failure=report.failure,
            attempts=live.attempts + live.losses,
            node=node,
        )
        is_best = self._ledger_add(live, ending)
        del self._live[trial_id]
        self._agenda.ended(key)
        self._board.end(key, status)
        self._forget(key)
        self._listen(self._ended_event(live, ending, is_best=is_best))

    def _ledger_add(self, live: _Live, ending: Ending) -> bool:
        """Record a trial; return whether it is now the best finished one of the search."""
        item = live.item
        self._ledger.add(ended_trial(item.trial, live.records, ending), item.roles)
        search = self._agenda.search
        if search is None or ending.status != schema.FINISHED or item.role.phase != SEARCH:
            return False
        best = search.best(1)
        return bool(best) and search.keys.get(item.key) is best[0]

    def _ended_event(self, live: _Live, ending: Ending, *, is_best: bool) -> TrialEnded:
        item, failure = live.item, ending.failure
        return TrialEnded(
            name=item.role.name(item.key),
            status=ending.status,
            epochs=len(live.records),
            value=self._value(item.key),
            seconds=sum(record.seconds for record in live.records),
            is_best=is_best,
            progress=self.progress,
            failure=failure.kind if failure else None,
            message=failure.message if failure else None,
        )

    def _reused(self, role: Role, key: str) -> None:
        self._listen(
            TrialReused(
                name=role.name(key),
                status=self._ledger.trials[key]["status"],
                value=self._value(key),
                progress=self.progress,
            )
        )

    def _value(self, key: str) -> float | None:
        value: float | None = self._ledger.trials[key][f"valid_{self._metric}"]
        return value

    def _forget(self, key: str) -> None:
        """Remove what is kept of a trial only until it has ended: its checkpoint among it."""
        remove_tree(self._catalogue.checkpoint(key))
        self._running.remove(key)


def _objective_metric(space: "Space") -> str:
    metric = space.search.objective.metric if space.search is not None else "valid/mae"
    return metric.removeprefix("valid/")
