"""Time the ledger of a search of 10,000 trials: adding a trial, resuming, and ``status``.

The trials are those of a search with early stopping: three epochs each, a third of them with
predictions. They are added one by one, as a run adds them, merges of parts included; a run's
folders of running trials and of TensorBoard are left out. Resuming is what the same command does
before its first trial: open the ledger, add every trial to the study, suggest the next one. It is
timed once with random suggestions, which shows the ledger's share, and once with TPE, which fits
its densities to all trials. Next to each time is the CPU time of this process: on a shared machine
the rest was spent waiting.
Run: ``python benchmarks/ledger_10000.py [TRIALS]``; it prints the numbers.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.roles import Role
from reports.ledger.schema import FINISHED, METRICS, SEARCH, STOPPED
from search import load_space
from search.controller.controller import Controller
from search.ledger import EndedTrial, Ledger, record_experiment
from search.plan import build_plan
from search.space import Space
from search.status.run_status import run_status
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory

TRIALS, WINDOW, EPOCHS, UTTERANCES = 10_000, 1_000, 3, 64
SPACE = """
name: long
data: {dataset: synthetic}
experiment: {model: {text: {name: tiny, finetune: false}, encoder: {name: lstm}}}
search:
  trials: 1
  sampler: {name: random}
  start: []
  parameters:
    training.learning_rate.others: {low: 1.0e-4, high: 1.0e-1, log: true}
    training.batch_size: {choice: [16, 32, 64]}
    model.output_dropout: {low: 0.0, high: 0.5}
    objective.loss: {choice: [l1, l2, huber]}
"""


def space_of(folder: Path, trials: int, sampler: str) -> Space:
    """Return the space with a search of that many trials."""
    path = folder / "long.yaml"
    path.write_text(SPACE, encoding="utf-8")
    return load_space(path, overrides=[f"search.trials={trials}", f"search.sampler.name={sampler}"])


def factory_of(space: Space, folder: Path) -> TrialFactory:
    """Return the factory over a corpus that is never read."""
    corpus = CorpusFolder(folder=Path("corpus"), fingerprint="corpus")
    return TrialFactory(space, {"unaligned": corpus}, run=folder)


def random_changes(random: np.random.Generator) -> dict[str, object]:
    """Return values of the searched parameters."""
    return {
        "training.learning_rate.others": float(10 ** random.uniform(-4, -1)),
        "training.batch_size": int(random.choice([16, 32, 64])),
        "model.output_dropout": float(random.uniform(0, 0.5)),
        "objective.loss": str(random.choice(["l1", "l2", "huber"])),
    }


def ended_trials(space: Space, folder: Path) -> Iterator[tuple[EndedTrial, Role]]:
    """Yield the trials of the search, seeded, each with its role."""
    assert space.search is not None
    factory, random = factory_of(space, folder), np.random.default_rng(1)
    for number in range(space.search.trials):
        changes = random_changes(random)
        role = Role(phase=SEARCH, number=number, seed=space.search.seed, changes=changes)
        trial = factory.trial(changes, role.seed)
        finished, mae = number % 3 == 0, float(random.uniform(0.7, 1.4))
        valid = {f"valid_{name}": mae for name in METRICS}
        columns = {**trial.columns(), **valid, "status": FINISHED if finished else STOPPED}
        values = random.normal(size=UTTERANCES).astype(np.float32)
        ids = [f"u{row}" for row in range(UTTERANCES)]
        split: dict[str, Sequence[object]] = {"id": ids, "label": [*values], "M": [*values]}
        yield (
            EndedTrial(
                columns={**columns, "epochs": EPOCHS, "best_epoch": EPOCHS, "attempts": 1},
                epochs=[{"epoch": epoch, "seconds": 1.0, **valid} for epoch in (1, 2, 3)],
                predictions={"test": split} if finished else {},
            ),
            role,
        )


@dataclass(frozen=True)
class Seconds:
    """A duration.

    Attributes:
        clock: seconds of wall time.
        computed: seconds of CPU time of this process.
    """

    clock: float
    computed: float

    def __str__(self) -> str:
        """Return both times as text."""
        return f"{self.clock:.2f} s ({self.computed:.2f} s computing)"


class Stopwatch:
    """Measures the time since it was made."""

    def __init__(self) -> None:
        self._clock, self._computed = time.perf_counter(), time.process_time()

    def read(self) -> Seconds:
        """Return the seconds so far."""
        return Seconds(time.perf_counter() - self._clock, time.process_time() - self._computed)


def add_all(space: Space, folder: Path) -> list[Seconds]:
    """Add every trial to a new ledger and return the time of each."""
    ledger, times = Ledger(folder), []
    for trial, role in ended_trials(space, folder):
        watch = Stopwatch()
        ledger.add(trial, [role])
        times.append(watch.read())
    return times


def mean_of(times: Sequence[Seconds]) -> str:
    """Return the mean of the times in milliseconds, as text."""
    clock, computed = (
        1e3 * statistics.mean(getattr(one, name) for one in times) for name in ("clock", "computed")
    )
    return f"{clock:.2f} ms ({computed:.2f} ms computing)"


def resume(space: Space, folder: Path) -> tuple[Seconds, Seconds]:
    """Return the time of opening the ledger, and that until the next trial is suggested."""
    watch = Stopwatch()
    ledger = Ledger(folder)
    opened = watch.read()
    controller = Controller(
        space,
        build_plan(space),
        factory=factory_of(space, folder),
        ledger=ledger,
        listen=lambda event: None,
    )
    controller.restore()
    controller.prepare_next()
    assert controller.has_next
    controller.close()
    return opened, watch.read()


def status(space: Space, runs: Path) -> Seconds:
    """Return the time of ``status`` of the run."""
    version = Version(
        space=space.to_dict(), source=SPACE, command="", data={}, environment={}, total=TRIALS
    )
    record_experiment(runs / space.name, space.name, version=version)
    watch = Stopwatch()
    run_status(runs, space.name)
    return watch.read()


def main() -> None:
    """Print the times."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    window = min(WINDOW, trials // 2)
    with tempfile.TemporaryDirectory() as temporary:
        runs = Path(temporary)
        folder = runs / "long"
        times = add_all(space_of(runs, trials, "random"), folder)
        first, last = times[:window], times[-window:]
        print(f"a trial added, mean of all {trials}: {mean_of(times)}; aim: 5 ms")
        print(f"the first {window}: {mean_of(first)}; the last {window}: {mean_of(last)}")
        ratio = sum(one.computed for one in last) / sum(one.computed for one in first)
        print(f"last to first, computing: {ratio:.2f}; aim: 1")
        for sampler in ("random", "tpe"):
            opened, whole = resume(space_of(runs, trials + 1, sampler), folder)
            print(f"going on, {sampler}: {whole}, of which {opened} open the ledger; aim: 5 s")
        print(f"status: {status(space_of(runs, trials, 'random'), runs)}; aim: 5 s")


if __name__ == "__main__":
    main()
