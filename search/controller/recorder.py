"""What a run writes down: rows, running trials, checkpoints, what is used of the budget, events."""

from collections.abc import Callable
from statistics import fmean
from typing import TYPE_CHECKING

from reports.ledger import schema
from search.budget.tracker import BudgetTracker
from search.controller.checkpoints import Checkpoints
from search.controller.failure_limit import FailureLimit
from search.controller.kept_models import KeepRules
from search.events import (
    Event,
    Progress,
    RunWarning,
    StageEntered,
    TrialEnded,
    TrialName,
    TrialReused,
    TrialStarted,
)
from search.ledger import RunningFolder, StartedTrial
from search.trials.result import Ending, ended_trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reports.ledger.places.storage import Place
    from reports.ledger.roles import Role
    from search.ledger import Ledger
    from search.queue.queued_trial import QueuedTrial
    from search.space import Space
    from sugrm import EpochRecord


class RunRecorder:
    """Record what happens to the trials of a run, and tell the run's listener.

    Args:
        space: the space of the run.
        ledger: the run's ledger.
        checkpoints: the folder of the run's checkpoints.
        rules: which models are kept.
        listen: gets the events.
        progress: returns how far the run is.

    Attributes:
        metric: the metric of the primary objective, as in ``mae``.
        budget: what the run has used of its budget.
        failures: the failures in a row.
    """

    def __init__(
        self,
        space: "Space",
        ledger: "Ledger",
        *,
        checkpoints: "Place",
        rules: KeepRules,
        listen: Callable[[Event], None],
        progress: Callable[[], Progress],
    ) -> None:
        self._space, self._ledger = space, ledger
        self._listen, self._progress = listen, progress
        self._running = RunningFolder(ledger.folder)
        self._folder = checkpoints
        self._checkpoints = Checkpoints(checkpoints, ledger.index, rules=rules, warn=self.warn)
        self._attempts: dict[str, int] = {}
        self.metric = objective_metric(space)
        self.budget = BudgetTracker(space.budget, ledger.folder, trials=ledger.trials)
        self.failures = FailureLimit(space.failures_in_a_row, ())

    def warn(self, message: str) -> None:
        """Tell the listener something that the user should know."""
        self._listen(RunWarning(message=message))

    def take_cut_off(self) -> list[StartedTrial]:
        """Return the trials that an earlier command did not end; damaged records are set aside."""
        cut_off = self._running.read_or_set_aside()
        for line in (*self.budget.warnings, *self._running.damaged):
            self.warn(line)
        self._attempts = {trial.key: trial.attempts for trial in cut_off}
        return cut_off

    def restore(
        self, requested: "Sequence[StartedTrial]", dropped: "Sequence[StartedTrial]"
    ) -> None:
        """Make the run folder fit for the trials that were cut off.

        Args:
            requested: those that the space still asks for; their epochs count for the budget.
            dropped: the others, which no longer run.
        """
        for trial in dropped:
            self._running.remove(trial.key)
        self._folder.mkdir(exist_ok=True)  # workers make their trial's own folder in it
        self._checkpoints.sweep()
        self.budget.add_cut_off(requested)

    def count_results(self) -> None:
        """Count the failures in a row anew, from the results that the ledger holds."""
        statuses = [self._ledger.trials[key].status for key in self._ledger.roles.values()]
        self.failures = FailureLimit(self._space.failures_in_a_row, statuses)

    def record_start(self, trial: "QueuedTrial") -> None:
        """Record that a worker gets a trial."""
        key = trial.key
        self.budget.record_epochs(key, len(trial.records))
        self._attempts[key] = self._attempts.get(key, 0) + 1
        trial.start(attempts=self._attempts[key])
        self._running.write(StartedTrial(key=key, roles=trial.roles, attempts=trial.attempts))

    def announce(self, trial: "QueuedTrial") -> None:
        """Tell the listener that a trial starts for the first time in this command."""
        started = TrialStarted(
            name=trial.name, changes=trial.role.changes, progress=self._progress()
        )
        self._listen(started)

    def record_stage(self, trial: "QueuedTrial", stage: str, *, node: str | None) -> None:
        """Record what the worker of a trial does before its first epoch."""
        self._running.record_stage(trial.key, stage, node=node or "")
        self._listen(StageEntered(name=trial.name, stage=stage))

    def record_epoch(
        self, trial: "QueuedTrial", record: "EpochRecord", *, node: str | None
    ) -> None:
        """Record how far a trial is, for the budget and for ``status``."""
        self.budget.record_epochs(trial.key, record.epoch)
        self._running.record_epoch(
            trial.key,
            epoch=record.epoch,
            max_epochs=trial.max_epochs,
            value=record.valid[self.metric],
            epoch_seconds=fmean(each.seconds for each in trial.records or [record]),
            node=node or "",
        )

    def node_of(self, trial: "QueuedTrial") -> str:
        """Return the node that a running trial has reported from, "" if it has not."""
        return self._running.node_of(trial.key)

    def record_row(self, trial: "QueuedTrial", ending: Ending) -> None:
        """Write the row of a trial that has ended."""
        self._ledger.add(ended_trial(trial.trial, trial.records, ending=ending), trial.roles)

    def record_end(self, trial: "QueuedTrial", ending: Ending, *, is_best: bool) -> None:
        """Record what follows from a trial's row: checkpoints, failures in a row, the event."""
        self._checkpoints.settle(trial.key)
        self._running.remove(trial.key)
        self.failures.count(trial.name.title, ending.status, failure=ending.failure)
        stopped = ending.status == schema.STOPPED
        failure = ending.failure
        self._listen(
            TrialEnded(
                name=trial.name,
                status=ending.status,
                epochs=len(trial.records),
                value=self._value(trial.key),
                mean=self._mean(trial.role, trial.key),
                seconds=sum(record.seconds for record in trial.records),
                is_best=is_best,
                progress=self._progress(),
                failure=failure.kind if failure else None,
                message=failure.message if failure else ending.reason if stopped else None,
            )
        )

    def record_reuse(self, role: "Role", key: str) -> None:
        """Record that the trial ``key`` of the ledger fills a role."""
        status = self._ledger.trials[key].status
        self.failures.count("", status, failure=None)
        self._checkpoints.prune()
        self._listen(
            TrialReused(
                name=TrialName.of(role, key),
                status=status,
                value=self._value(key),
                mean=self._mean(role, key),
                progress=self._progress(),
            )
        )

    def _mean(self, role: "Role", key: str) -> float | None:
        """Return the mean over the seeds of the search, None unless a trial completes them."""
        search, index = self._space.search, self._ledger.index
        lead = role.group or key
        if search is None or search.seeds is None or role.phase != schema.SEARCH:
            return None
        searched = index.searched(lead, search.training_seeds[1:])
        if not searched.is_complete(search.training_seeds[1:]):
            return None
        return searched.mean.valid.get(self.metric)

    def _value(self, key: str) -> float | None:
        return self._ledger.trials[key].valid.get(self.metric)


def objective_metric(space: "Space") -> str:
    """Return the metric of a space's primary objective, ``mae`` without a search."""
    metric = space.search.primary.metric if space.search is not None else "valid/mae"
    return metric.removeprefix("valid/")
