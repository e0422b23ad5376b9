"""Time the ledger of a search of 10,000 trials: adding a trial, going on, and ``status``.

Each trial is what a search with early stopping leaves: three epochs, a third of them with
predictions. They are added one by one, as a run adds them, merges of parts included; the folder
of trials under way and TensorBoard's are a run's own. Going on is what the same command does
before its first trial: open the ledger, tell the study every trial, suggest the next one. It is
timed once with suggestions drawn at random, the ledger's share, and once by TPE, which fits its
densities to all trials. Beside the time stands what of it this process computed: on a machine
that others use too, the rest was waiting for them.
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

from reports.ledger.roles import Role
from reports.ledger.run.experiment import Version
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
    """Return the space with a search of so many trials."""
    path = folder / "long.yaml"
    path.write_text(SPACE, encoding="utf-8")
    return load_space(path, overrides=[f"search.trials={trials}", f"search.sampler.name={sampler}"])


def factory_of(space: Space, folder: Path) -> TrialFactory:
    """Return the factory over a corpus that nobody reads."""
    corpus = CorpusFolder(folder=Path("corpus"), fingerprint="corpus")
    return TrialFactory(space, {"unaligned": corpus}, folder)


def ended_trials(space: Space, folder: Path) -> Iterator[tuple[EndedTrial, Role]]:
    """Yield the trials of the search, seeded, each with its role."""
    assert space.search is not None
    factory, random = factory_of(space, folder), np.random.default_rng(1)
    for number in range(space.search.trials):
        changes = {
            "training.learning_rate.others": float(10 ** random.uniform(-4, -1)),
            "training.batch_size": int(random.choice([16, 32, 64])),
            "model.output_dropout": float(random.uniform(0, 0.5)),
            "objective.loss": str(random.choice(["l1", "l2", "huber"])),
        }
        role = Role(phase=SEARCH, number=number, seed=space.search.seed, changes=changes)
        trial = factory.resolve(changes, role.seed)
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
    """Seconds on the clock, and those of them that this process computed."""

    clock: float
    computed: float

    def __str__(self) -> str:
        """Return both for a reader."""
        return f"{self.clock:.2f} s ({self.computed:.2f} s computing)"


class Watch:
    """Measure from its making on."""

    def __init__(self) -> None:
        self._clock, self._computed = time.perf_counter(), time.process_time()

    def read(self) -> Seconds:
        """Return the seconds so far."""
        return Seconds(time.perf_counter() - self._clock, time.process_time() - self._computed)


def add_all(space: Space, folder: Path) -> list[Seconds]:
    """Add every trial to a new ledger; return what each took."""
    ledger, times = Ledger(folder), []
    for trial, role in ended_trials(space, folder):
        watch = Watch()
        ledger.add(trial, [role])
        times.append(watch.read())
    return times


def each(times: Sequence[Seconds]) -> str:
    """Return the mean milliseconds of each."""
    clock, computed = (
        1e3 * statistics.mean(getattr(one, name) for one in times) for name in ("clock", "computed")
    )
    return f"{clock:.2f} ms ({computed:.2f} ms computing)"


def go_on(space: Space, folder: Path) -> tuple[Seconds, Seconds]:
    """Return what opening the ledger took, and all until the next trial is handed out."""
    watch = Watch()
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
    """Return what ``status`` of the run takes."""
    version = Version(
        space=space.to_dict(), source=SPACE, command="", data={}, environment={}, total=TRIALS
    )
    record_experiment(runs / space.name, space.name, version)
    watch = Watch()
    run_status(runs, space.name)
    return watch.read()


def main() -> None:
    """Print the numbers."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    window = min(WINDOW, trials // 2)
    with tempfile.TemporaryDirectory() as temporary:
        runs = Path(temporary)
        folder = runs / "long"
        times = add_all(space_of(runs, trials, "random"), folder)
        first, last = times[:window], times[-window:]
        print(f"a trial added, mean of all {trials}: {each(times)}; aim: 5 ms")
        print(f"the first {window}: {each(first)}; the last {window}: {each(last)}")
        ratio = sum(one.computed for one in last) / sum(one.computed for one in first)
        print(f"last to first, computing: {ratio:.2f}; aim: 1")
        for sampler in ("random", "tpe"):
            opened, whole = go_on(space_of(runs, trials + 1, sampler), folder)
            print(f"going on, {sampler}: {whole}, of which {opened} open the ledger; aim: 5 s")
        print(f"status: {status(space_of(runs, trials, 'random'), runs)}; aim: 5 s")


if __name__ == "__main__":
    main()
