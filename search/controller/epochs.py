"""What one epoch of a trial means: curves in trackers, an event, and whether to stop."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from search.events import EpochDone, Event
from search.stopping.no_gain import NoGain
from search.tracking.trackers import Trackers

if TYPE_CHECKING:
    from reports.ledger.trials import Trial
    from search.queue.queued_trial import QueuedTrial
    from search.queue.trial_queue import TrialQueue
    from sugrm import EpochRecord


class EpochHandler:
    """Record the epochs of running trials and decide which trials stop early.

    Args:
        queue: records the epochs of the search's trials for the early stopping rule.
        no_gain: finds trials that have learned nothing.
        trackers: show the epochs.
        metric: the metric of the primary objective, as in ``mae``.
        listen: gets an event for each epoch.
    """

    def __init__(
        self,
        queue: "TrialQueue",
        no_gain: NoGain,
        *,
        trackers: Trackers,
        metric: str,
        listen: Callable[[Event], None],
    ) -> None:
        self._queue, self._no_gain = queue, no_gain
        self._trackers = trackers
        self._metric, self._listen = metric, listen

    def start(self, trial: "QueuedTrial") -> None:
        """Open a trial's curves."""
        self._trackers.start_trial(trial)

    def record_and_decide(
        self, trial: "QueuedTrial", record: "EpochRecord", *, is_repeated: bool = False
    ) -> bool:
        """Record a new epoch; return whether the trial should stop after it.

        Args:
            trial: the trial.
            record: its epoch.
            is_repeated: whether an earlier command computed the epoch.
        """
        trial.records.append(record)
        self._trackers.write_epoch(trial.key, record)
        self._listen(
            EpochDone(
                name=trial.name,
                epoch=record.epoch,
                max_epochs=trial.max_epochs,
                seconds=record.seconds,
                train_loss=record.train_loss,
                valid=record.valid,
                is_repeated=is_repeated,
            )
        )
        if not trial.leads:
            return False
        value = record.valid[self._metric]
        stops = self._queue.record_and_decide(trial.key, epoch=record.epoch, value=value)
        return (stops or self.no_gain_reason(trial) is not None) and trial.is_stoppable

    def no_gain_reason(self, trial: "QueuedTrial") -> str | None:
        """Return why a trial has learned nothing so far, None if it has."""
        return self._no_gain.reason(trial.trial, trial.records)

    def end(self, trial: "Trial") -> None:
        """Close the curves of a trial that has ended."""
        self._trackers.end_trial(trial)

    def close(self) -> None:
        """Close the files of all curves."""
        self._trackers.close_files()
