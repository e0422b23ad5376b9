"""The driver's side of a run: hand out trials, hear their reports, keep the ledger."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.goals import Goal
from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH
from search.budget.tracker import BudgetTracker
from search.controller.checkpoints import Checkpoints
from search.controller.failure_limit import FailureLimit
from search.controller.gpu_packing import GpuShares
from search.controller.kept_models import KeepRules
from search.controller.retries import Live, Retries
from search.events import (
    EpochDone,
    Event,
    Progress,
    RunWarning,
    StageEntered,
    TrialEnded,
    TrialName,
    TrialReused,
    TrialStarted,
)
from search.ledger import RunningFolder, UnderWay
from search.ledger.experiment_file import RunFolderError
from search.ledger.lock import gone_message
from search.queue.trial_queue import Listener, TrialQueue
from search.status.progress import Amounts, count_roles
from search.stopping.no_gain import NoGain
from search.tracking.tensorboard import Board
from search.trials.protocol import DISK, Failure, Report, TrialTask
from search.trials.result import Ending, ended_trial
from search.trials.storage_failure import disk_full, ends_the_run

if TYPE_CHECKING:
    from search.ledger import Ledger
    from search.plan import Plan
    from search.queue.requests import QueuedTrial
    from search.space import Space
    from search.trials.factory import TrialFactory
    from sugrm import EpochRecord


class Controller:
    """Run a plan; Ray's searcher and scheduler only pass on what happens.

    An error of the driver's own work (a full disk) closes the run and is kept in ``error``,
    since Ray would log it and go on.

    Args:
        space: what is run.
        plan: of the space.
        factory: resolves trials.
        ledger: of the run.
        listen: hears the events.

    Attributes:
        closing: no trial is handed out any more, and those that run should be stopped.
        interrupted: closed before the plan was done, by Ctrl-C, the budget or failures alone.
        error: what broke the driver.
        shares: of a GPU, of which none is taken until the run knows what there is.
        budget: what the run has taken of its budget.
        spent: the budget that closed the run, None if none did.
        gave_up: every trial so far had failed, which closed the run.
    """

    def __init__(
        self,
        space: "Space",
        plan: "Plan",
        factory: "TrialFactory",
        ledger: "Ledger",
        listen: Callable[[Event], None],
    ) -> None:
        self._space, self._plan = space, plan
        self._factory, self._ledger, self._listen = factory, ledger, listen
        self._running = RunningFolder(ledger.folder)
        self._board = Board(ledger.folder / "tensorboard")
        self._queue = TrialQueue(space, plan, factory, ledger, Listener(self._reused, self.warn))
        self._metric = _objective_metric(space)
        keep = _keep_rules(space, plan)
        self._checkpoints = Checkpoints(factory.checkpoints, ledger, keep, self.warn)
        self.shares = GpuShares(0.0)
        self._no_gain = NoGain(space.search, factory)
        self.budget = BudgetTracker(space.budget, ledger.folder, ledger.trials)
        self.spent: str | None = None
        self.gave_up = False
        self._failures = FailureLimit(space.failures_in_a_row, ())
        self._attempts: dict[str, int] = {}
        self._live: dict[str, Live] = {}
        self._retries = Retries()
        self._held: QueuedTrial | None = None
        self.closing = False
        self.interrupted = False
        self.error: Exception | None = None

    def restore(self) -> int:
        """Take up what an earlier run left; return how many trials were cut off."""
        cut_off = self._running.take_up()
        for line in (*self.budget.warnings, *self._running.damaged):
            self.warn(line)
        self._attempts = {trial.key: trial.attempts for trial in cut_off}
        left = self._queue.unfinished(cut_off)
        for trial in cut_off:
            if trial not in left:
                self._running.remove(trial.key)
        self._factory.checkpoints.mkdir(exist_ok=True)  # workers make their trial's own in it
        self._checkpoints.sweep()
        self.budget.cut_off(left)
        self._queue.restore(left)
        statuses = [self._ledger.trials[key].status for key in self._ledger.roles.values()]
        self._failures = FailureLimit(self._space.failures_in_a_row, statuses)
        return len(left)

    @property
    def progress(self) -> Progress:
        """Return where the run stands."""
        search = self._space.search
        goals = search.goals if search is not None else ()
        amounts = Amounts.of(self._plan, goals, self._queue.search_trials)
        trials = self._ledger.trials
        return count_roles(self._ledger.roles, trials, amounts).progress(trials, len(self._live))

    @property
    def running(self) -> int:
        """Return how many trials are in the hands of workers."""
        return len(self._live)

    @property
    def share(self) -> float:
        """Return the GPUs that the next trial asks for."""
        return self.shares.share

    def gpus(self, trial_id: str) -> float:
        """Return the GPUs of a trial that was handed out."""
        live = self._live.get(trial_id)
        return self.shares.alone if live is not None and live.alone else self.shares.share

    def has_work(self) -> bool:
        """Return whether a trial is to be run; what the ledger answers is answered by this."""
        return self._next() is not None

    @property
    def ended(self) -> bool:
        """Return whether there is nothing left; call it after ``hand_out`` has returned None."""
        return self.closing or self._queue.finished

    def hand_out(self, trial_id: str) -> TrialTask | None:
        """Return the next task, for the worker that Ray calls ``trial_id``; None if none now."""
        live = None if self.closing else self._retries.next(self._live) or self._start()
        if live is None:
            return None
        item = live.item
        self.budget.reached(item.key, len(live.records))
        live.attempts = self._attempts[item.key] = self._attempts.get(item.key, 0) + 1
        self._running.write(UnderWay(key=item.key, roles=item.roles, attempts=live.attempts))
        self._live[trial_id] = live
        return self._factory.task(item.trial)

    def receive(self, trial_id: str, report: Report, node: str | None) -> bool:
        """Take a worker's report; return whether the trial should stop, or has ended by itself."""
        live = self._live.get(trial_id)
        if live is None:
            return True
        stops = False
        for warning in report.warnings:
            self.warn(warning)
        fewer = self.shares.measure(report.memory) if report.record else None
        if fewer:
            self.warn(fewer)
        if report.stage:
            self._enter(live, report.stage, node)
        if report.record is not None and report.record.epoch > len(live.records):
            live.records.append(report.record)
            stops = self._hear_epoch(live, report.record)
            self._keep_standing(live, report.record, node)
        if report.outcome is not None:
            self._end(trial_id, schema.FINISHED, report, node)
        elif report.failure is not None:
            self._fail(trial_id, report, node)
        elif stops:
            self._end(trial_id, schema.STOPPED, report, node)
        spent = self.budget.stops() if self._live else None
        if spent is not None:
            self.spend(spent)
        return trial_id not in self._live

    def receive_loss(self, trial_id: str, failure: Failure) -> None:
        """Hear that the worker of a trial died."""
        live = self._live.get(trial_id)
        if live is not None:
            title = TrialName.of(live.item.role, live.item.key).title
            self.warn(f"the worker of {title} was lost ({failure.kind}: {failure.message})")
            self._fail(trial_id, Report(failure=failure), None, lost=True)

    def interrupt(self, message: str) -> None:
        """Stop handing out; what runs stays recorded as under way."""
        if not self.closing:
            self.closing = self.interrupted = True
            self.warn(message)

    def abandon(self, message: str) -> None:
        """Close the run, since its folder is no longer its own."""
        self.error = self.error or RunFolderError(message)
        self.closing = True

    def spend(self, budget: str) -> None:
        """Close the run, since a budget is spent."""
        if not self.closing:
            self.spent = budget
            stop = ": the running trials stop at their last checkpoint" if self._live else ""
            self.interrupt(self.budget.message(budget) + stop)

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
            folder = self._ledger.folder
            if ends_the_run(error):
                error = disk_full(folder, str(error))
            elif isinstance(error, FileNotFoundError) and not folder.is_dir():
                error = RunFolderError(gone_message(folder))
            self.error = self.error or error
            self.closing = True

    def _start(self) -> Live | None:
        """Return a trial that no worker has had in this command, None if none may start now."""
        if self._retries.holds_back(self._live):
            return None
        item = self._next()
        if item is None:
            return None
        self._held = None
        self._board.begin(item)
        self._listen(
            TrialStarted(
                name=TrialName.of(item.role, item.key),
                changes=item.role.changes,
                progress=self.progress,
            )
        )
        return Live(item, attempts=0)

    def _fail(self, trial_id: str, report: Report, node: str | None, *, lost: bool = False) -> None:
        """Let a trial wait for another attempt, or end it as failed; a full disk ends the run."""
        live, failure = self._live[trial_id], report.failure
        assert failure is not None  # a report without one is none of a failure
        if failure.kind == DISK:
            del self._live[trial_id]
            raise disk_full(self._ledger.folder, failure.message)
        if live.may_run_again(failure, lost=lost):
            del self._live[trial_id]
            self._retries.add(live)
        else:
            self._end(trial_id, schema.FAILED, report, node)

    def _next(self) -> "QueuedTrial | None":
        """Return the next trial that may start; without one, the last to end closes the run."""
        self._held = None if self.closing else self._held or self._queue.next()
        if self._held is None:
            return None
        failed = self._has_failed_often()  # which a larger budget would not mend
        spent = self.budget.refuses(self._held.key)
        if spent is None and not failed:
            return self._held
        if failed and not self._live:
            self.gave_up = True
            self.interrupt(self._failures.message)
        elif spent is not None and not self._live:
            self.spend(spent)
        return None

    def _has_failed_often(self) -> bool:
        """Return whether to wait for the running trials: they may fail as all before them.

        One that has ended an epoch shows that trials can be trained.
        """
        return self._failures.is_reached and not any(live.records for live in self._live.values())

    def _keep_standing(self, live: Live, record: "EpochRecord", node: str | None) -> None:
        """Keep how far a trial is, for the budget and for who looks on."""
        self.budget.reached(live.item.key, record.epoch)
        self._running.reached(
            live.item.key,
            epoch=record.epoch,
            max_epochs=live.item.trial.config.training.max_epochs,
            value=record.valid[self._metric],
            node=node or "",
        )

    def _enter(self, live: Live, stage: str, node: str | None) -> None:
        self._running.entered(live.item.key, stage, node=node or "")
        name = TrialName.of(live.item.role, live.item.key)
        self._listen(StageEntered(name=name, stage=stage))

    def _hear_epoch(self, live: Live, record: "EpochRecord") -> bool:
        item = live.item
        self._board.epoch(item.key, record)
        self._listen(
            EpochDone(
                name=TrialName.of(item.role, item.key),
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
        stops = self._queue.stops(item.key, record.epoch, value)
        stops |= self._no_gain.reason(item.trial, live.records) is not None
        return stops and item.stoppable

    def _end(self, trial_id: str, status: str, report: Report, node: str | None) -> None:
        live = self._live[trial_id]
        key = live.item.key
        ending = Ending(
            status=status,
            outcome=report.outcome,
            failure=report.failure,
            attempts=live.attempts,
            node=node,
            place=report.place,
            reason=self._no_gain.reason(live.item.trial, live.records)
            if status == schema.STOPPED
            else None,
        )
        is_best = self._ledger_add(live, ending)
        del self._live[trial_id]
        self._queue.ended(key)
        self._board.end(key, status)
        self._checkpoints.ended(key)
        self._running.remove(key)
        self._failures.ended(TrialName.of(live.item.role, key).title, status, report.failure)
        self._listen(self._ended_event(live, ending, is_best=is_best))

    def _ledger_add(self, live: Live, ending: Ending) -> bool:
        """Record a trial; return whether it is now the best finished one of the search."""
        item = live.item
        self._ledger.add(ended_trial(item.trial, live.records, ending), item.roles)
        search = self._queue.search
        if search is None or ending.status != schema.FINISHED or item.role.phase != SEARCH:
            return False
        best = search.best(1)
        return bool(best) and search.keys.get(item.key) is best[0]

    def _ended_event(self, live: Live, ending: Ending, *, is_best: bool) -> TrialEnded:
        item, failure = live.item, ending.failure
        return TrialEnded(
            name=TrialName.of(item.role, item.key),
            status=ending.status,
            epochs=len(live.records),
            value=self._value(item.key),
            seconds=sum(record.seconds for record in live.records),
            is_best=is_best,
            progress=self.progress,
            failure=failure.kind if failure else None,
            message=failure.message if failure else _stop_reason(ending),
        )

    def _reused(self, role: Role, key: str) -> None:
        self._failures.ended("", self._ledger.trials[key].status, None)
        self._checkpoints.prune()
        self._listen(
            TrialReused(
                name=TrialName.of(role, key),
                status=self._ledger.trials[key].status,
                value=self._value(key),
                progress=self.progress,
            )
        )

    def _value(self, key: str) -> float | None:
        return self._ledger.trials[key].valid.get(self._metric)


def _stop_reason(ending: Ending) -> str | None:
    return ending.reason if ending.status == schema.STOPPED else None


def _objective_metric(space: "Space") -> str:
    metric = space.search.primary.metric if space.search is not None else "valid/mae"
    return metric.removeprefix("valid/")


def _keep_rules(space: "Space", plan: "Plan") -> KeepRules:
    search = space.search
    return KeepRules(
        keep=space.checkpoints.keep,
        cells=space.checkpoints.cells,
        goals=search.goals if search is not None else (Goal("valid/mae"),),
        searches=bool(plan.search_trials),
        confirm_top=plan.confirm_top,
        confirm_seeds=plan.confirm_seeds if plan.confirm_runs else (),
        seeds=plan.seeds,
    )
