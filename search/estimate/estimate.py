"""The estimate of a run: what is left to compute and what it costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place
from reports.ledger.trials import Trial, trials_in
from search.environment import usable_cpus
from search.estimate.disk import DiskNeed, Utterances, disk_need, free_bytes, most_models
from search.estimate.measured_costs import measure_costs
from search.estimate.prober import Prober
from search.estimate.remaining import LeftToCompute, left_to_compute
from search.estimate.trial_costs import LEDGER_COLUMNS, Cost, ledger_costs
from search.estimate.work import Work, most_trials
from search.launcher_choice import launcher_of
from search.ledger.ledger import open_tables
from search.status.runs import run_names

if TYPE_CHECKING:
    from search.controller.launcher import Expected, Launcher
    from search.space import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run has still to compute and what that costs on this machine.

    Attributes:
        work: the trials left, each entry of one phase and one cost.
        costs: the cost of a trial of each entry of ``work``.
        expected: what the launcher is expected to offer.
        disk: the most bytes that the run writes.
        likely_disk: the bytes that the run is expected to write.
        free: free bytes at the run folder; None where there is no limit.
        unmeasured: the trials left that could not be measured here.
        failing: those of ``unmeasured`` that will probably fail in the run too.
        warnings: the warnings that the run will print.
        limits: what the budget leaves of the work, in words.
        starts: whether the budget lets the run start a trial.
        start_copies: bytes of the weights to start from that are copied to the cache.
    """

    work: tuple[Work, ...]
    costs: tuple[Cost, ...]
    expected: "Expected"
    disk: DiskNeed
    likely_disk: DiskNeed
    free: int | None
    unmeasured: tuple[Work, ...] = ()
    failing: tuple[Work, ...] = ()
    warnings: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    starts: bool = True
    start_copies: int = 0

    @property
    def concurrency(self) -> int:
        """Return the number of trials at once, at least 1."""
        return self.expected.at_once

    @property
    def gpus(self) -> float:
        """Return the GPUs of one trial, 0 to 1."""
        return self.expected.gpu_use.gpus

    @property
    def trials(self) -> int:
        """Return the largest number of trials that are left and have a cost."""
        return round(sum(each.trials for each in self.work))

    @property
    def left_out(self) -> int:
        """Return the largest number of trials that are left and could not be measured here."""
        return most_trials(self.unmeasured)

    @property
    def failures(self) -> int:
        """Return the largest number of trials that are left and will probably fail."""
        return most_trials(self.failing)

    @property
    def remaining(self) -> int:
        """Return the largest number of trials that are left, with a cost or without."""
        left = round(sum(each.trials for each in (*self.work, *self.unmeasured)))
        return max(left, self.failures)

    @property
    def most_epochs(self) -> int:
        """Return the number of epochs if no trial stops early."""
        return round(sum(each.most_epochs for each in self.work))

    @property
    def likely_epochs(self) -> int:
        """Return the number of epochs expected with the search's scheduler."""
        return round(sum(each.likely_epochs for each in self.work))

    def trial_seconds(self, *, most: bool = False) -> float:
        """Return the seconds that the trials take one after the other."""
        once = {each.group.text: cost.once_seconds for each, cost in self._pairs()}
        return sum(once.values()) + sum(
            each.trials * cost.trial_seconds
            + (each.most_epochs if most else each.likely_epochs) * cost.epoch_seconds
            for each, cost in self._pairs()
        )

    def seconds(self, *, most: bool = False) -> float:
        """Return the seconds of the run; 0 where nothing is left.

        At the end of a run the last trial runs alone, on average for half of a long trial.
        """
        if not self.trials:
            return 0.0
        at_once = max(1, min(self.concurrency, self.trials))
        longest = max(
            cost.trial_seconds + each.most_epochs / each.trials * cost.epoch_seconds
            for each, cost in self._pairs()
        )
        tail = (1 - 1 / at_once) * longest / 2
        return self.expected.start_seconds + self.trial_seconds(most=most) / at_once + tail

    def gpu_hours(self, *, most: bool = False) -> float:
        """Return the hours for which trials use GPUs, times the share of a GPU that each uses."""
        return self.gpus * self.trial_seconds(most=most) / 3600

    def _pairs(self) -> list[tuple[Work, Cost]]:
        return list(zip(self.work, self.costs, strict=True))


def estimate_run(
    space: "Space",
    *,
    runs: Place,
    launcher: "Launcher | None" = None,
    listen: Callable[[str], None] = lambda line: None,
) -> Estimate:
    """Estimate what ``run_space`` would do now; nothing is written below ``runs``.

    Args:
        space: the space to run.
        runs: folder of the runs, or a place of an object store; its ledgers give the times of
            trials that have ended.
        launcher: the launcher of the run; None for that of the space, on this machine.
        listen: called with a line before each measurement and for each warning of the run.

    Raises:
        SearchError, SugrmError: the run would be refused for the same reason.
    """
    left = left_to_compute(space, runs)
    for line in left.checked.warnings:
        listen(f"warning: {line}")
    for line in left.checked.starts:
        listen(line)
    launcher = launcher or launcher_of(space, folder=left.checked.folder)
    expected, cpus = launcher.expected(), space.resources.cpus
    beside = min(expected.at_once, left.remaining.count, usable_cpus() // cpus) - 1
    prober = Prober(
        cpus=cpus,
        gpus=expected.gpu_use.gpus,
        beside=max(0, beside),
        listen=listen,
    )
    known = ledger_costs(trial for name in run_names(runs) for trial in _trials(runs / name))
    work, costs = measure_costs(left.work, left.checked.corpora, known=known, prober=prober)
    found = _estimate(space, left, work=work, costs=costs, expected=expected)
    failing = (each for each in found.unmeasured if each.group in prober.failing)
    return replace(found, failing=tuple(failing))


def _trials(run: Place) -> list[Trial]:
    return list(trials_in(open_tables(run)["trials"].read_all(LEDGER_COLUMNS)))


def _estimate(
    space: "Space",
    left: LeftToCompute,
    *,
    work: Sequence[Work],
    costs: Sequence[Cost],
    expected: "Expected",
) -> Estimate:
    at_once = expected.at_once
    need = partial(_disk_need, space, left, work=work, costs=costs, at_once=at_once)
    return Estimate(
        work=tuple(work),
        costs=tuple(costs),
        expected=expected,
        disk=need(epochs=sum(each.most_epochs for each in work)),
        likely_disk=need(epochs=sum(each.likely_epochs for each in work)),
        free=free_bytes(left.checked.folder),
        unmeasured=tuple(each for each in left.work if each not in work),
        warnings=left.remaining.warnings,
        limits=left.limits,
        starts=left.remaining.spent is None,
        start_copies=left.checked.factory.starts.bytes_to_copy,
    )


def _disk_need(
    space: "Space",
    left: LeftToCompute,
    *,
    work: Sequence[Work],
    costs: Sequence[Cost],
    at_once: int,
    epochs: float,
) -> DiskNeed:
    return disk_need(
        Utterances.of(left.checked.corpora.values()),
        trials=sum(each.trials for each in work),
        epochs=epochs,
        checkpoint=max((cost.checkpoint_bytes for cost in costs), default=0),
        concurrency=at_once,
        keep=most_models(space, left.checked.plan, at_once=at_once),
    )
