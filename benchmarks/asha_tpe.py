"""Count the epochs that a search needs to match 64 random trials that all run to their end.

Each trial is replayed from ``curves.csv``, which holds every epoch of a real fit of each cell of a
grid (``make_curves.py``). Trials are chosen and stopped by the code that a run uses, one trial at a
time: its queue, its study and its early stopping, with a ledger in memory. For each seed
("ordering"), 64 random trials run to their end; their best validation MAE is the target that every
other method must reach, with a trial that also ran to its end. A method that has not reached it
after half of the epochs of those 64 trials counts as never reaching it.
Run: ``python benchmarks/asha_tpe.py [ORDERINGS]``; it prints a table.
"""

import csv
import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from benchmarks.measuring.command_line import parser_of, positive
from reports.ledger.roles import Role
from reports.ledger.schema import FINISHED, STOPPED
from reports.ledger.trials import Trial, trial_of
from search import load_space
from search.ledger.run_index import RunIndex
from search.plan import build_plan
from search.queue.listener import Listener
from search.queue.queued_trial import QueuedTrial
from search.queue.trial_queue import TrialQueue
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory
from search.trials.protocol import Outcome
from search.trials.result import Ending, ended_trial
from sugrm import EpochRecord, ExperimentConfig
from sugrm.config.merge import flat

if TYPE_CHECKING:
    from search.ledger import Ledger

SPACE = Path(__file__).with_name("curves.yaml")
TABLE = Path(__file__).with_name("curves.csv")
BASELINE, ORDERINGS, AIM, MOST = 64, 20, 0.25, 0.5
NONE = "{name: none}"
WAYS = {
    "ASHA + TPE": ("tpe", "{name: asha, min_epochs: 3, reduction: 3}"),
    "ASHA + random": ("random", "{name: asha, min_epochs: 3, reduction: 3}"),
    "TPE alone": ("tpe", NONE),
    "ASHA + TPE, from epoch 1": ("tpe", "{name: asha, min_epochs: 1, reduction: 3}"),
    "ASHA + TPE, best of 2": ("tpe", "{name: asha, min_epochs: 3, reduction: 2}"),
}


class Curves:
    """The validation MAE of each epoch of each cell."""

    def __init__(self, path: Path) -> None:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        self._options = [name for name in header if not name.isdigit()]
        count = len(self._options)
        self._curves = {tuple(row[:count]): [float(value) for value in row[count:]] for row in rows}

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self._curves)

    @property
    def epochs(self) -> int:
        """Return the number of epochs of a trial that runs to its end."""
        return len(next(iter(self._curves.values())))

    def of(self, config: ExperimentConfig) -> Sequence[float]:
        """Return the curve of a trial."""
        given: Mapping[str, object] = dict(flat(config.model_dump(mode="json")))
        return self._curves[tuple(_shown(given[name]) for name in self._options)]


class MemoryLedger:
    """The part of a ledger that the queue uses, in memory."""

    folder = Path("run")

    def __init__(self) -> None:
        self.index = RunIndex()
        self._curves: dict[str, list[float]] = {}

    @property
    def trials(self) -> Mapping[str, Trial]:
        """Return each trial that ended, by its key."""
        return self.index.trials

    @property
    def roles(self) -> Mapping[Role, str]:
        """Return role -> key of the trial that fills it."""
        return self.index.roles

    def add(self, trial: QueuedTrial, records: Sequence[EpochRecord], ending: Ending) -> None:
        """Record a trial that has ended."""
        columns = ended_trial(trial.trial, records, ending=ending).columns
        self.index.add_trial(trial_of(columns))
        self._curves[trial.key] = [record.valid["mae"] for record in records]
        for role in trial.roles:
            self.add_role(role, trial.key)

    def add_role(self, role: Role, key: str) -> None:
        """Record that a trial fills a role."""
        self.index.add_role(role, key)

    def curve(self, key: str, metric: str) -> list[float]:
        """Return the MAE of each epoch of a trial."""
        return self._curves[key]

    def keep_roles(self, keep: Callable[[Role, str], bool]) -> int:
        """Return 0: no role is dropped, because no earlier version of the space was run."""
        return 0


@dataclass(frozen=True)
class Progress:
    """The progress of a search after a trial.

    Attributes:
        epochs: number of epochs that all trials have trained.
        best: least validation MAE of a finished trial; infinite before one has finished.
    """

    epochs: int
    best: float


def search(curves: Curves, *overrides: str) -> Iterator[Progress]:
    """Run a search over the table and yield its progress after each trial."""
    space = load_space(SPACE, overrides=overrides)
    corpus = CorpusFolder(folder=Path("corpus"), fingerprint="corpus")
    factory = TrialFactory(space, {"unaligned": corpus}, run=Path("run"))
    ledger = MemoryLedger()
    listener = Listener(lambda role, key: None, lambda warning: None)
    queue = TrialQueue(
        space,
        build_plan(space),
        factory=factory,
        ledger=cast("Ledger", ledger),
        listener=listener,
    )
    queue.restore(())
    epochs, best = 0, math.inf
    while (trial := queue.take_next()) is not None:
        records, finished = _replay(queue, trial, curves.of(trial.trial.config))
        epochs += len(records)
        ending = Ending(status=STOPPED)
        if finished:
            outcome = _outcome(records)
            ending = Ending(status=FINISHED, outcome=outcome)
            best = min(best, outcome.valid["mae"])
        ledger.add(trial, records, ending)
        queue.record_end(trial.key)
        yield Progress(epochs, best)


def _replay(
    queue: TrialQueue, trial: QueuedTrial, curve: Sequence[float]
) -> tuple[Sequence[EpochRecord], bool]:
    """Return the epochs of a trial until it ends or is stopped early, and whether it ended."""
    records = []
    for epoch, value in enumerate(curve, start=1):
        valid = {"mae": value}
        records.append(
            EpochRecord(epoch=epoch, seconds=0.0, train_loss=0.0, valid=valid, counters={})
        )
        if queue.record_and_decide(trial.key, epoch=epoch, value=value) and epoch < len(curve):
            return records, False
    return records, True


def _outcome(records: Sequence[EpochRecord]) -> Outcome:
    best = min(records, key=lambda record: record.valid["mae"])
    return Outcome(best_epoch=best.epoch, valid=best.valid, test={}, predictions={}, columns={})


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _options(sampler: str, scheduler: str, *, trials: int, ordering: int) -> tuple[str, ...]:
    return (
        f"search.sampler={{name: {sampler}, seed: {ordering}}}",
        f"search.scheduler={scheduler}",
        f"search.trials={trials}",
    )


def epochs_needed(
    curves: Curves, ordering: int, *, sampler: str, scheduler: str, aim: float
) -> float:
    """Return the epochs after which a search has a finished trial as good as ``aim``."""
    options = _options(sampler, scheduler, trials=len(curves), ordering=ordering)
    for progress in search(curves, *options):
        if progress.best <= aim:
            return progress.epochs
        if progress.epochs > MOST * BASELINE * curves.epochs:
            break
    return math.inf


def best_of_random(curves: Curves, ordering: int) -> float:
    """Return the best MAE of the random trials that all run to their end."""
    options = _options("random", NONE, trials=BASELINE, ordering=ordering)
    return [progress.best for progress in search(curves, *options)][-1]


def row(name: str, needed: Sequence[float], whole: int) -> str:
    """Return a row: quartiles of the epochs needed, the median as a share, how many reached it."""
    ranked, quarter = sorted(needed), len(needed) // 4
    middle = statistics.median(ranked)
    reached = sum(math.isfinite(epochs) for epochs in needed)
    return (
        f"{name:<26} {middle:>8.0f} {ranked[quarter]:>7.0f} {ranked[-1 - quarter]:>7.0f} "
        f"{middle / whole:>8.3f} {reached:>8}"
    )


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("orderings", type=positive, nargs="?", default=ORDERINGS)
    curves, options = Curves(TABLE), parser.parse_args()
    orderings = range(1, 1 + options.orderings)
    whole = BASELINE * curves.epochs
    aims = {ordering: best_of_random(curves, ordering) for ordering in orderings}
    print(
        f"{len(curves)} cells; {BASELINE} random trials of {curves.epochs} epochs take {whole} and "
        f"reach {min(aims.values()):.3f} to {max(aims.values()):.3f}, median "
        f"{statistics.median(aims.values()):.3f}"
    )
    print(f"epochs to get there, over {len(aims)} orderings; the aim is a share of {AIM}")
    print(f"{'':<26} {'median':>8} {'25 %':>7} {'75 %':>7} {'share':>8} {'reached':>8}")
    print(row("random to the end", [whole] * len(aims), whole))
    for name, (sampler, scheduler) in WAYS.items():
        needed = [
            epochs_needed(curves, ordering, sampler=sampler, scheduler=scheduler, aim=aim)
            for ordering, aim in aims.items()
        ]
        print(row(name, needed, whole), flush=True)


if __name__ == "__main__":
    main()
