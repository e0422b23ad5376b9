"""The state of a run, read from its folder without changing it, also while the run works."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reports.ledger.goals import Goal, best_keys, finished_trials
from reports.ledger.places.storage import Place
from reports.ledger.roles import first_roles
from reports.ledger.schema import FAILED, PHASES, STATUSES
from reports.ledger.trials import Trial
from search.budget.limits import Usage, own_epochs
from search.budget.recorded_time import RecordedTime, read_time_with_warning
from search.events import TrialName
from search.ledger.lock import is_locked
from search.ledger.read_only import ReadOnlyLedger
from search.ledger.running_trials import RunningFolder, StartedTrial
from search.ledger.utterances import damaged_utterances
from search.status.pareto import ParetoTrial, pareto_trials
from search.status.present_roles import present_roles
from search.status.progress import count_roles
from search.status.runs import run_experiment
from search.status.winner import winner_sentence

if TYPE_CHECKING:
    from reports.ledger.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTrial:
    """The best finished trial of a search by its first objective, on validation.

    Attributes:
        number: the number of its suggestion.
        key: the trial's key.
        metric: the objective, as in ``valid/mae``.
        value: the value of the objective at the best epoch.
    """

    number: int
    key: str
    metric: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTrial:
    """A trial that has started and not ended.

    Attributes:
        title: the title of the trial's first role.
        epoch: the last epoch that has ended, 0 before the first.
        max_epochs: the most epochs of the trial, None before the first has ended.
        value: the search's metric on validation after that epoch, None where it is undefined.
        started_at: when a worker got the trial, None where that is not known.
        node: the node that it runs on, "" before its first epoch has ended.
        stage: what its worker does before the first epoch, where that takes long; else "".
    """

    title: str
    epoch: int = 0
    max_epochs: int | None = None
    value: float | None = None
    started_at: datetime | None = None
    node: str = ""
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTrial:
    """A trial that failed.

    Attributes:
        title: the title of the trial's first role.
        kind: the kind of failure: ``oom``, ``nan``, ``crash`` ...
        message: the first line of the failure's message.
    """

    title: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """The state of a run.

    Attributes:
        name: the name of the run.
        folder: the run folder.
        active: whether a process works on the run now.
        total: the most roles of the run, as the newest version of the space plans them.
        counts: phase -> status -> number of roles, in the order of a run; the search's trials are
            counted once each, and confirmations of the configurations that are the best now.
        best: the best trial of the search, None before one has finished.
        running: the trials that have started and not ended.
        metric: the first objective of the search, as in ``valid/mae``.
        failed: the trials that failed, newest first.
        usage: what all commands of the run have used of its budget.
        budget: limit by name, of those limits that are set.
        pace: seconds for each trial since the present command began, None before one has ended.
        pareto: the Pareto set of a search with several objectives, best first objective first.
        winner: what the search's best keeps over fresh seeds, in words; None before there are any.
        warnings: a line for each file that could not be read.
        left_out: number of recorded trials that belong to earlier versions of the space.
    """

    name: str
    folder: Place
    active: bool
    total: int
    counts: Mapping[str, Mapping[str, int]]
    best: BestTrial | None
    running: tuple[RunningTrial, ...]
    metric: str = "valid/mae"
    failed: tuple[FailedTrial, ...] = ()
    usage: Usage = field(default_factory=Usage)
    budget: Mapping[str, float] = field(default_factory=dict)
    pace: float | None = None
    pareto: tuple[ParetoTrial, ...] = ()
    winner: str | None = None
    warnings: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds that the rest takes at this pace, None where the pace is unknown."""
        return None if self.pace is None else self.pace * max(0, self.total - self.done)

    @property
    def done(self) -> int:
        """Return how many roles have ended."""
        return sum(sum(statuses.values()) for statuses in self.counts.values())


def run_status(runs: Place, name: str) -> RunStatus:
    """Return the state of the run ``name``.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged.
        StorageError: the folder is one of an object store that does not answer.
    """
    experiment = run_experiment(runs, name)
    goals, budget = experiment.goals, experiment.space.get("budget") or {}
    ledger = ReadOnlyLedger(runs / name)
    trials = ledger.trials
    present = present_roles(experiment, trials, roles=ledger.roles)
    counted = count_roles(present.roles, trials, amounts=present.amounts)
    folder = RunningFolder(ledger.folder)
    started = [
        trial
        for trial in folder.read()
        if trial.key not in trials and present.include_any(trial.roles)
    ]
    time, lost_time = read_time_with_warning(ledger.folder)
    active = is_locked(ledger.folder)
    lost = (*damaged_utterances(ledger.folder), *folder.damaged, *lost_time)
    return RunStatus(
        name=name,
        folder=ledger.folder,
        active=active,
        total=max(counted.total, len(counted.ended)),
        counts=_counts(counted.ended, trials),
        best=_best(counted.ended, trials, goal=goals[0]),
        running=tuple(map(_running, started)),
        metric=goals[0].metric,
        failed=_failed(counted.ended, trials),
        usage=_usage(trials, started, seconds=time.seconds),
        budget={name: limit for name, limit in budget.items() if limit},
        pace=_pace(trials, time) if active else None,
        pareto=pareto_trials(counted.ended, trials, goals=goals),
        winner=winner_sentence(goals[0], counted.ended, trials=trials),
        warnings=(*ledger.warnings, *lost, *present.warnings),
        left_out=len(trials.keys() - set(present.roles.values())),
    )


def _counts(roles: Mapping["Role", str], trials: Mapping[str, Trial]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for role, key in roles.items():
        counts.setdefault(role.phase, Counter())[trials[key].status] += 1
    return {
        phase: {status: counts[phase][status] for status in STATUSES if counts[phase][status]}
        for phase in PHASES
        if phase in counts
    }


def _best(
    roles: Mapping["Role", str], trials: Mapping[str, Trial], *, goal: Goal
) -> BestTrial | None:
    first = first_roles(roles)
    best = best_keys(finished_trials(first, trials), [goal], count=1)
    if not best:
        return None
    (key,) = best
    value = goal.value(trials[key])
    assert value is not None  # a trial without the objective is never the best
    return BestTrial(number=first[key].number, key=key, metric=goal.metric, value=value)


def _running(trial: StartedTrial) -> RunningTrial:
    return RunningTrial(
        title=TrialName.of(trial.roles[0], trial.key).title,
        epoch=trial.epoch,
        max_epochs=trial.max_epochs,
        value=trial.value,
        started_at=_time(trial.started_at),
        node=trial.node,
        stage=trial.stage,
    )


def _failed(roles: Mapping["Role", str], trials: Mapping[str, Trial]) -> tuple[FailedTrial, ...]:
    """Return each failed trial under its first role, newest first."""
    titles: dict[str, str] = {}
    for role, key in sorted(roles.items(), key=lambda item: (item[0].phase, item[0].number)):
        if trials[key].status == FAILED:
            titles.setdefault(key, TrialName.of(role, key).title)
    newest = sorted(titles, key=lambda key: (trials[key].ended_at, key), reverse=True)
    return tuple(
        FailedTrial(
            title=titles[key],
            kind=trials[key].failure or "unknown",
            message=(trials[key].message or "").partition("\n")[0],
        )
        for key in newest
    )


def _usage(
    trials: Mapping[str, Trial], started: Sequence[StartedTrial], *, seconds: float
) -> Usage:
    epochs = {**own_epochs(trials.values()), **{trial.key: trial.epoch for trial in started}}
    return Usage(seconds=seconds, trials=len(epochs), epochs=sum(epochs.values()))


def _pace(trials: Mapping[str, Trial], time: RecordedTime) -> float | None:
    since = time.started_at
    if since is None:
        return None
    computed = sum(
        trial.adopted_from is None and trial.ended_at >= since for trial in trials.values()
    )
    return (datetime.now(UTC) - since).total_seconds() / computed if computed else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
