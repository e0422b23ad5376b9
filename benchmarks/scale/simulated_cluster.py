"""A cluster without Ray: simulated workers that report epochs to the controller of a real run."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.scale import made_run
from reports.ledger.schema import METRICS
from search.controller.controller import Controller
from search.events import Event
from search.ledger import Ledger
from search.plan import build_plan
from search.trials.protocol import Outcome, Report
from sugrm import EpochRecord
from sugrm.training import SplitPredictions


class Worker:
    """A simulated worker: it reports the epochs of one trial after another.

    Args:
        name: Ray's name for a trial, which the controller takes.
        max_epochs: the epochs of a trial that is not stopped.
        random: the source of its scores.
    """

    def __init__(self, name: str, max_epochs: int, random: np.random.Generator) -> None:
        self.name, self._max_epochs, self._random = name, max_epochs, random
        self._reports = self._trial()

    def report(self) -> Report:
        """Return the report of the next epoch."""
        return next(self._reports)

    def _trial(self) -> Iterator[Report]:
        scale = float(self._random.uniform(0.7, 1.4))
        for epoch in range(1, self._max_epochs + 1):
            valid = dict.fromkeys(METRICS, scale / epoch**0.1)
            record = EpochRecord(
                epoch=epoch, seconds=1.0, train_loss=scale, valid=valid, counters={}
            )
            outcome = self._outcome(valid) if epoch == self._max_epochs else None
            yield Report(record=record, outcome=outcome)

    def _outcome(self, valid: dict[str, float]) -> Outcome:
        values = self._random.normal(size=made_run.UTTERANCES).astype(np.float32)
        ids = [f"u{row}" for row in range(made_run.UTTERANCES)]
        split = SplitPredictions(ids=ids, labels=values, predictions={"M": values})
        return Outcome(
            best_epoch=self._max_epochs,
            valid=valid,
            test=valid,
            predictions={"test": split},
            columns={},
        )


class Driver:
    """The controller of a continued run, and its simulated workers.

    Args:
        runs: the folder of the run.
        trials: the trials that the search shall have.
        sampler: the sampler of the search.

    Attributes:
        controller: the controller, which has the first trial ready.
        events: how many events it has sent.
    """

    def __init__(self, runs: Path, trials: int, *, sampler: str = "random") -> None:
        self.events = 0
        space = made_run.space_of(runs, trials, sampler)
        self._max_epochs = space.experiment_of().training.max_epochs
        folder = runs / made_run.NAME
        self.controller = Controller(
            space,
            build_plan(space),
            factory=made_run.factory_of(space, folder),
            ledger=Ledger(folder),
            listen=self._listen,
        )
        self.controller.restore()
        self.controller.prepare_next()
        self._names = map(str, itertools.count())
        self._random = np.random.default_rng(2)

    def next_worker(self) -> Worker:
        """Return a worker with the next trial."""
        name = next(self._names)
        assert self.controller.hand_out(name) is not None
        return Worker(name, self._max_epochs, self._random)

    def receive(self, worker: Worker) -> bool:
        """Pass on the next report of a worker; return whether its trial has ended."""
        return self.controller.receive(worker.name, worker.report(), node="node")

    def _listen(self, event: Event) -> None:
        self.events += 1
