"""The time that the rest of a run takes, as its ledger tells it to another process."""

from collections.abc import Sequence
from datetime import UTC, datetime

from search.budget.recorded_time import RecordedTime
from search.ledger.running_trials import StartedTrial
from search.status.progress import Counts
from search.status.time_left import (
    EpochCosts,
    TrialAtWork,
    computed_trials,
    kind_of,
    kinds_left,
    seconds_left,
)


def remaining_seconds(
    counted: Counts, started: Sequence[StartedTrial], *, time: RecordedTime, now: datetime
) -> float | None:
    """Return the seconds that the rest takes at the pace of the present command, where known.

    Args:
        counted: the trials that ended.
        started: the trials that are running.
        time: when the command began that works on the run.
        now: the time.
    """
    since = time.started_at
    if since is None:
        return None
    running = [_at_work(trial, now) for trial in started]
    costs = EpochCosts(list(computed_trials(counted.index)), running)
    computing = sum(
        min(trial.seconds or 0.0, (trial.ended_at - since).total_seconds())
        for trial in counted.index.trials.values()
        if trial.adopted_from is None and trial.ended_at >= since
    )
    computing += sum(_seconds_at_work(trial, since=since, now=now) for trial in started)
    if not computing:
        return None
    progress = counted.progress(len(started))
    return seconds_left(
        costs,
        running,
        left=kinds_left(progress.left, search=progress.search_left, cells=progress.cells_left),
        pace=(now - since).total_seconds() / computing,
    )


def _seconds_at_work(trial: StartedTrial, *, since: datetime, now: datetime) -> float:
    """Return how long a running trial has computed since then; the worker's start is left out."""
    started, reported = time_of(trial.started_at), time_of(trial.epoch_at)
    if started is None:
        return 0.0
    began = max(started, since)
    if reported is None or trial.epoch_seconds is None:
        return (now - began).total_seconds()
    before = min(trial.epoch * trial.epoch_seconds, (reported - began).total_seconds())
    return max(0.0, before) + (now - max(reported, since)).total_seconds()


def _at_work(trial: StartedTrial, now: datetime) -> TrialAtWork:
    role, reported = trial.roles[0], time_of(trial.epoch_at)
    return TrialAtWork(
        kind=kind_of(role),
        epoch=trial.epoch,
        max_epochs=trial.max_epochs,
        epoch_seconds=trial.epoch_seconds,
        elapsed=0.0 if reported is None else (now - reported).total_seconds(),
    )


def time_of(text: str) -> datetime | None:
    """Return the time of an ISO text, None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
