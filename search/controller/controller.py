"""The driver's loop: give trials to workers, receive their reports, end the run."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from reports.ledger import schema
from reports.ledger.schema import SEARCH
from search.controller.closable import ClosableRun
from search.controller.epochs import EpochHandler
from search.controller.gpu_packing import GpuShares
from search.controller.kept_models import keep_rules
from search.controller.recorder import RunRecorder
from search.controller.retries import Retries, is_retried
from search.events import Event, Progress
from search.queue.listener import Listener
from search.queue.trial_queue import TrialQueue
from search.status.progress import Amounts, count_roles
from search.stopping.no_gain import NoGain
from search.tracking.trackers import open_trackers
from search.trials.protocol import DISK, Failure, Report, TrialTask
from search.trials.result import Ending
from search.trials.storage_failure import disk_full

if TYPE_CHECKING:
    from search.budget.tracker import BudgetTracker
    from search.ledger import Ledger, StartedTrial
    from search.plan import Plan
    from search.queue.queued_trial import QueuedTrial
    from search.space import Space
    from search.trials.factory import TrialFactory
    from sugrm import EpochRecord


class Controller(ClosableRun):
    """Run a plan; Ray's searcher and scheduler only pass on what happens.

    Args:
        space: the space of the run.
        plan: the plan of that space.
        factory: resolves trials.
        ledger: the run's ledger.
        listen: gets the events.

    Attributes:
        queue: what runs next.
        trials: the trials that workers have, by Ray's id.
        trackers: where the run is shown.
        shares: how trials share a GPU; none is used until the run knows what there is.
    """

    def __init__(
        self,
        space: "Space",
        plan: "Plan",
        *,
        factory: "TrialFactory",
        ledger: "Ledger",
        listen: Callable[[Event], None],
    ) -> None:
        self._space, self._plan = space, plan
        self._factory, self._ledger = factory, ledger
        self._recorder = RunRecorder(
            space,
            ledger,
            checkpoints=factory.checkpoints,
            rules=keep_rules(space, plan),
            listen=listen,
            progress=lambda: self.progress,
        )
        super().__init__(ledger.folder, self._recorder.warn)
        listener = Listener(self._recorder.record_reuse, self.warn)
        self.queue = TrialQueue(space, plan, factory=factory, ledger=ledger, listener=listener)
        self.trackers = open_trackers(space, ledger.folder, warn=self.warn)
        self._epochs = EpochHandler(
            self.queue,
            NoGain(space.search, factory),
            trackers=self.trackers,
            metric=self._recorder.metric,
            listen=listen,
        )
        self._retries = Retries()
        self.trials: dict[str, QueuedTrial] = {}
        self._next: QueuedTrial | None = None
        self.shares = GpuShares(0.0)

    def restore(self) -> "list[StartedTrial]":
        """Continue what an earlier command left; return the trials that it did not end."""
        cut_off = self._recorder.take_cut_off()
        requested = self.queue.still_requested(cut_off)
        dropped = [trial for trial in cut_off if trial not in requested]
        self._recorder.restore(requested, dropped)
        self.queue.restore(requested)
        self._recorder.count_results()
        self.trackers.send_recorded(self._ledger)
        return requested

    @property
    def budget(self) -> "BudgetTracker":
        """Return what the run has used of its budget."""
        return self._recorder.budget

    @property
    def progress(self) -> Progress:
        """Return how far the run is."""
        search = self._space.search
        goals = search.goals if search is not None else ()
        left_out = 0 if self.queue.search is None else self.queue.search.left_out
        searched = self.queue.search_trials
        amounts = Amounts.of(self._plan, goals, search=searched, left_out=left_out)
        return count_roles(self._ledger.index, amounts).progress(self.running)

    @property
    def best(self) -> tuple[int, float] | None:
        """Return number and value of the best configuration so far, None before there is one."""
        search = self.queue.search
        best = None if search is None else search.best
        return None if best is None else (best.number, best.mean.valid[self._recorder.metric])

    @property
    def running(self) -> int:
        """Return how many trials workers have."""
        return len(self.trials)

    @property
    def share(self) -> float:
        """Return how much of a GPU the next trial asks for."""
        return self.shares.share

    def gpus(self, trial_id: str) -> float:
        """Return the GPUs of a trial that a worker has."""
        trial = self.trials.get(trial_id)
        return self.shares.alone if trial is not None and trial.runs_alone else self.shares.share

    @property
    def has_next(self) -> bool:
        """Return whether ``prepare_next`` has found a trial to run."""
        return self._next is not None and not self.closing

    @property
    def is_finished(self) -> bool:
        """Return whether no trial will start any more."""
        return self.closing or self.queue.is_finished

    def prepare_next(self) -> None:
        """Find the next trial to run, and fill roles with recorded trials on the way to it.

        A limit (failures in a row, a budget) closes the run once no trial runs.
        """
        if self.closing:
            return
        self._next = self._next or self.queue.take_next()
        if self._next is None or self.running:
            return
        if self._has_failed_often():  # which a larger budget would not change
            self.give_up(self._recorder.failures.message)
        elif (spent := self.budget.spent_before(self._next.key)) is not None:
            self.close_for_budget(spent)

    def hand_out(self, trial_id: str) -> TrialTask | None:
        """Give the next trial to the worker that Ray calls ``trial_id``; None if none can start."""
        if self.closing:
            return None
        running = self.trials.values()
        trial = self._retries.take_next(running)
        if trial is None and not self._retries.holds_back(running):
            trial = self._take_prepared()
        if trial is None:
            return None
        self._recorder.record_start(trial)
        self.trials[trial_id] = trial
        return self._factory.task(trial.trial)

    def receive(self, trial_id: str, report: Report, *, node: str | None) -> bool:
        """Receive a worker's report; return whether its trial should stop or has ended."""
        trial = self.trials.get(trial_id)
        if trial is None:
            return True
        self._warn_of(report)
        if report.stage:
            self._recorder.record_stage(trial, report.stage, node=node)
        stops = report.record is not None and self._receive_epoch(trial, report.record, node=node)
        if report.outcome is not None:
            self._end(trial_id, report, status=schema.FINISHED, node=node)
        elif report.failure is not None:
            self._receive_failure(trial_id, report, node=node)
        elif stops:
            self._end(trial_id, report, status=schema.STOPPED, node=node)
        spent = self.budget.exhausted if self.trials else None
        if spent is not None:
            self.close_for_budget(spent)
        return trial_id not in self.trials

    def _warn_of(self, report: Report) -> None:
        """Pass on a worker's warnings, and that fewer trials share a GPU from now on."""
        for warning in report.warnings:
            self.warn(warning)
        fewer = self.shares.measure(report.memory) if report.record else None
        if fewer:
            self.warn(fewer)

    def receive_loss(self, trial_id: str, failure: Failure) -> None:
        """Receive that the worker of a trial died."""
        trial = self.trials.get(trial_id)
        if trial is not None:
            node = self._recorder.node_of(trial)
            which = f"{trial.name.title}{f' on {node}' if node else ''}"
            self.warn(f"the worker of {which} was lost ({failure.kind}: {failure.message})")
            self._receive_failure(trial_id, Report(failure=failure), lost=True)

    def close_for_budget(self, budget: str) -> None:
        """Close the run, since the budget of that name is spent."""
        if not self.closing:
            self.spent = budget
            stop = ": the running trials stop at their last checkpoint" if self.running else ""
            self.interrupt(self.budget.message(budget) + stop)

    def close(self) -> None:
        """Start no more trials and close the files."""
        self.closing = True
        self._epochs.close()

    def _take_prepared(self) -> "QueuedTrial | None":
        """Take the next trial of the queue; None if there is none or a limit forbids it now."""
        self.prepare_next()
        trial = self._next
        if trial is None or self.closing:
            return None
        if self._has_failed_often() or self.budget.spent_before(trial.key) is not None:
            return None
        self._next = None
        self._epochs.start(trial)
        self._recorder.announce(trial)
        return trial

    def _has_failed_often(self) -> bool:
        """Return whether to wait for the running trials: they may fail as all before them.

        One that has ended an epoch shows that trials can be trained.
        """
        is_reached = self._recorder.failures.is_reached
        return is_reached and not any(trial.records for trial in self.trials.values())

    def _receive_epoch(
        self, trial: "QueuedTrial", record: "EpochRecord", *, node: str | None
    ) -> bool:
        """Record an epoch; return whether its trial should stop.

        An epoch that this command has received already is ignored. A trial that an earlier command
        let go on after an epoch is not stopped there, although more trials may have ended since.
        """
        if record.epoch <= len(trial.records):
            return False
        is_repeated = self.budget.is_repeated(trial.key, record.epoch)
        stops = self._epochs.record_and_decide(trial, record, is_repeated=is_repeated)
        self._recorder.record_epoch(trial, record, node=node)
        went_on = self.budget.is_repeated(trial.key, record.epoch + 1)
        return stops and not went_on

    def _receive_failure(
        self, trial_id: str, report: Report, *, node: str | None = None, lost: bool = False
    ) -> None:
        """Let a trial wait for another attempt, or end it as failed; a full disk ends the run."""
        trial, failure = self.trials[trial_id], report.failure
        assert failure is not None  # the report says why the trial failed
        if failure.kind == DISK:
            del self.trials[trial_id]
            trial.wait()  # for the next command
            raise disk_full(self._ledger.folder, failure.message)
        if is_retried(trial, failure, lost=lost):
            del self.trials[trial_id]
            self._retries.add(trial, failure)
        else:
            self._end(trial_id, report, status=schema.FAILED, node=node)

    def _end(self, trial_id: str, report: Report, *, status: str, node: str | None) -> None:
        """Write the row of a trial, then record its end everywhere else."""
        trial = self.trials[trial_id]
        ending = Ending(
            status=status,
            outcome=report.outcome,
            failure=report.failure,
            attempts=trial.attempts,
            node=node,
            place=report.place,
            reason=self._epochs.no_gain_reason(trial) if status == schema.STOPPED else None,
        )
        self._recorder.record_row(trial, ending)
        del self.trials[trial_id]
        trial.end()
        self.queue.record_end(trial.key)
        self._epochs.end(self._ledger.trials[trial.key])
        self._recorder.record_end(trial, ending, is_best=self._is_best(trial, status))

    def _is_best(self, trial: "QueuedTrial", status: str) -> bool:
        search = self.queue.search
        if search is None or status != schema.FINISHED or trial.role.phase != SEARCH:
            return False
        return search.best_keys(1) == [trial.role.group or trial.key]
