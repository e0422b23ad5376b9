"""The state of a run as its events give it: counts, running trials, the best so far, time left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from search.events import (
    ComputedTrial,
    EpochDone,
    Event,
    PlanReady,
    Progress,
    RunEnded,
    StageEntered,
    TrialEnded,
    TrialName,
    TrialReused,
    TrialStarted,
    WorkersStarting,
)
from search.status.time_left import (
    EpochCosts,
    TrialAtWork,
    kind_of,
    kinds_left,
    seconds_left,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running trial.

    Attributes:
        title: name of the trial.
        epoch: last epoch that has ended, 0 before the first.
        max_epochs: most epochs of the trial; None until its first epoch has ended.
        value: validation metric of the last epoch; None where it is unknown.
        stage: what the worker does before the first epoch, "" for nothing special.
        seconds: computing time of each of its epochs that this command computed.
    """

    title: str
    epoch: int = 0
    max_epochs: int | None = None
    value: float | None = None
    stage: str = ""
    seconds: tuple[float, ...] = ()


class RunState:
    """The state of one run, updated by its events and read by the views.

    Args:
        clock: returns monotonic seconds; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first_epoch: float | None = None  # when it ended: workers start before it
        self._computing = 0.0  # seconds of epochs since then
        self._last: dict[TrialName, float] = {}  # when its epoch ended or the trial started
        self._computed: list[ComputedTrial] = []
        self.plan: PlanReady | None = None
        self.starting = ""
        self.progress = Progress(total=0)
        self.running: dict[TrialName, Running] = {}
        self.best: tuple[str, float] | None = None
        self.ended: RunEnded | None = None

    def update(self, event: Event) -> None:
        """Update the state by one event."""
        match event:
            case WorkersStarting(where=where):
                self.starting = where
            case PlanReady():
                self.plan, self.progress = event, event.progress
                self._computed = [*event.computed]
                if event.best is not None:
                    number, value = event.best
                    self.best = (self._best_title(number), value)
            case TrialStarted(name=name):
                self.running[name] = Running(title=name.title)
                self._last[name] = self._clock()
                self.progress = event.progress
            case StageEntered(name=name):
                self.running[name] = Running(title=name.title, stage=event.stage)
            case EpochDone(name=name):
                self._count_epoch(event)
                self.running[name] = self._running(event)
            case TrialEnded(name=name):
                self._computed.append(_computed(event))
                self.running.pop(name, None)
                self._last.pop(name, None)
                self.progress = event.progress
                self._keep_best(event, known_best=event.is_best)
            case TrialReused():
                self.progress = event.progress
                self._keep_best(event, known_best=False)
            case RunEnded():
                self.ended, self.progress = event, event.progress
                self.running.clear()

    @property
    def objective(self) -> str:
        """Return the metric that the views show, ``valid/mae`` where nothing is searched."""
        return (self.plan.objective if self.plan else None) or "valid/mae"

    def seconds_left(self) -> float | None:
        """Return the seconds that the remaining trials take at the pace of the epochs so far.

        None before a trial of the run has ended and an epoch of this command was computed. The pace
        counts from the end of the first epoch, since the workers start before it.
        """
        now = self._clock()
        running = [self._at_work(name, now=now) for name in self.running]
        pace = self._pace(now)
        if pace is None:
            return None
        progress = self.progress
        return seconds_left(
            EpochCosts(self._computed, running),
            running,
            left=kinds_left(progress.left, search=progress.search_left, cells=progress.cells_left),
            pace=pace,
        )

    def _pace(self, now: float) -> float | None:
        """Return the seconds that pass for one second of computing, None where it is unknown.

        Epochs that are being computed count as far as they are: else each long one would look like
        a pause.
        """
        if self._first_epoch is None:
            return None
        computing = self._computing + sum(
            now - max(self._last.get(name, now), self._first_epoch) for name in self.running
        )
        return (now - self._first_epoch) / computing if computing else None

    def _count_epoch(self, event: EpochDone) -> None:
        """Count the computing time of an epoch since the end of the first one of this command."""
        now = self._last[event.name] = self._clock()
        if event.is_repeated:
            return
        if self._first_epoch is None:
            self._first_epoch = now
        self._computing += min(event.seconds, now - self._first_epoch)

    def _at_work(self, name: TrialName, *, now: float) -> TrialAtWork:
        running = self.running[name]
        return TrialAtWork(
            kind=kind_of(name),
            epoch=running.epoch,
            max_epochs=running.max_epochs,
            epoch_seconds=fmean(running.seconds) if running.seconds else None,
            elapsed=now - self._last.get(name, now) if running.epoch else 0.0,
        )

    def _running(self, event: EpochDone) -> Running:
        if event.is_repeated:
            return Running(title=event.name.title, stage="continuing")
        before = self.running.get(event.name)
        return Running(
            title=event.name.title,
            epoch=event.epoch,
            max_epochs=event.max_epochs,
            value=event.valid.get(self.objective.removeprefix("valid/")),
            seconds=(*(before.seconds if before else ()), event.seconds),
        )

    def _keep_best(self, event: TrialEnded | TrialReused, *, known_best: bool) -> None:
        """Remember the best configuration of the search; NaN never wins a comparison."""
        value = event.mean if self._seeds > 1 else event.value
        if value is None or event.status != "finished" or event.name.phase != "search":
            return
        sign = -1.0 if self.plan is not None and self.plan.mode == "max" else 1.0
        if known_best or self.best is None or sign * value < sign * self.best[1]:
            self.best = (self._best_title(event.name.number), value)

    @property
    def _seeds(self) -> int:
        return 1 if self.plan is None else self.plan.seeds

    def _best_title(self, number: int) -> str:
        """Return the title of the best configuration of the search."""
        mean = f", mean over {self._seeds} seeds" if self._seeds > 1 else ""
        return f"search {number}{mean}"


def _computed(event: TrialEnded) -> ComputedTrial:
    return ComputedTrial(
        phase=event.name.phase,
        group=event.name.group,
        cell=event.name.cell,
        status=event.status,
        epochs=event.epochs,
        seconds=event.seconds,
    )
