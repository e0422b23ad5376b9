"""A run of a long search, made without training: what the benchmarks of ledgers measure.

The trials are those of a search with early stopping: ``EPOCHS`` epochs each, a third of them
finished, with the predictions of ``UTTERANCES`` utterances. ``write_run`` writes them as a long
run leaves them, in merged parts and some of one row; ``ended_trials`` yields them one by one.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.roles import Role
from reports.ledger.schema import FINISHED, METRICS, SEARCH, STOPPED
from search import load_space
from search.ledger import EndedTrial, record_experiment, rows
from search.ledger.ledger import open_tables
from search.plan import build_plan
from search.space import Space
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory

NAME, EPOCHS, UTTERANCES = "long", 3, 64
BLOCK, SINGLE = 4_096, 63
"""Trials in a merged part, and trials in parts of their own."""
SPACE = """
name: long
data: {dataset: synthetic}
experiment:
  model: {text: {name: tiny, finetune: false}, encoder: {name: lstm}}
  training: {max_epochs: 9}
search:
  trials: 1
  sampler: {name: random}
  scheduler: {name: asha, min_epochs: 3, reduction: 3}
  start: []
  parameters:
    training.learning_rate.others: {low: 1.0e-4, high: 1.0e-1, log: true}
    training.batch_size: {choice: [16, 32, 64]}
    model.output_dropout: {low: 0.0, high: 0.5}
    objective.loss: {choice: [l1, l2, huber]}
"""


def space_of(folder: Path, trials: int, sampler: str = "random") -> Space:
    """Return the space with a search of that many trials; its file is written to ``folder``."""
    path = folder / f"{NAME}.yaml"
    path.write_text(SPACE, encoding="utf-8")
    return load_space(path, overrides=[f"search.trials={trials}", f"search.sampler.name={sampler}"])


def factory_of(space: Space, folder: Path) -> TrialFactory:
    """Return the factory over a corpus that is never read."""
    corpus = CorpusFolder(folder=Path("corpus"), fingerprint="corpus")
    return TrialFactory(space, {"unaligned": corpus}, run=folder)


def ended_trials(space: Space, folder: Path) -> Iterator[tuple[EndedTrial, Role]]:
    """Yield the trials of the search, seeded, each with its role."""
    assert space.search is not None
    factory, random = factory_of(space, folder), np.random.default_rng(1)
    for number in range(space.search.trials):
        changes = _changes(random)
        role = Role(phase=SEARCH, number=number, seed=space.search.seed, changes=changes)
        finished, mae = number % 3 == 0, float(random.uniform(0.7, 1.4))
        valid = {f"valid_{name}": mae for name in METRICS}
        test = {f"test_{name}": mae for name in METRICS} if finished else {}
        columns = {
            **factory.trial(changes, role.seed).columns(),
            **valid,
            **test,
            "status": FINISHED if finished else STOPPED,
            "epochs": EPOCHS,
            "best_epoch": EPOCHS,
            "attempts": 1,
        }
        epochs = [{"epoch": epoch, "seconds": 1.0, **valid} for epoch in range(1, EPOCHS + 1)]
        predictions = {"test": _predictions(random)} if finished else {}
        yield EndedTrial(columns=columns, epochs=epochs, predictions=predictions), role


def write_run(space: Space, folder: Path) -> None:
    """Write the run of the space: ``experiment.json`` and the tables, all of its trials ended."""
    plan = build_plan(space)
    version = Version(
        space=space.to_dict(),
        source=space.origin.source,
        command="",
        data=factory_of(space, folder).fingerprints,
        environment={},
        total=plan.total,
        search_trials=plan.search_trials,
    )
    record_experiment(folder, space.name, version=version)
    tables = open_tables(folder)
    trials = ended_trials(space, folder)
    for trial, role in itertools.islice(trials, SINGLE):
        for name, lines in _lines([(trial, role)]).items():
            if lines:
                tables[name].write(trial.key, lines)
    while block := list(itertools.islice(trials, BLOCK)):
        for name, lines in _lines(block).items():
            columns = {
                field: [row.get(field) for row in lines] for field in tables[name].schema.names
            }
            table = pa.table(columns, schema=tables[name].schema)
            tables[name].replace([], iter([table]), tier=2)


def _lines(block: Sequence[tuple[EndedTrial, Role]]) -> dict[str, list[rows.Row]]:
    """Return the rows of some trials, by table."""
    ended_at = datetime.now(UTC)
    makers: dict[str, Callable[[EndedTrial, Role], list[rows.Row]]] = {
        "epochs": lambda trial, role: rows.epoch_rows(trial),
        "predictions": lambda trial, role: rows.prediction_rows(trial),
        "roles": lambda trial, role: rows.role_rows(role, trial.key),
        "trials": lambda trial, role: rows.trial_rows(trial, ended_at),
    }
    return {
        name: [row for trial, role in block for row in make(trial, role)]
        for name, make in makers.items()
    }


def _changes(random: np.random.Generator) -> dict[str, object]:
    """Return values of the searched parameters."""
    return {
        "training.learning_rate.others": float(10 ** random.uniform(-4, -1)),
        "training.batch_size": int(random.choice([16, 32, 64])),
        "model.output_dropout": float(random.uniform(0, 0.5)),
        "objective.loss": str(random.choice(["l1", "l2", "huber"])),
    }


def _predictions(random: np.random.Generator) -> dict[str, list[object]]:
    values = [*random.normal(size=UTTERANCES).astype(np.float32)]
    return {"id": [f"u{row}" for row in range(UTTERANCES)], "label": values, "M": values}
