"""A run without Ray: the controller's tasks are answered by a made-up learner in this process."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.schema import METRICS
from search.controller.controller import Controller
from search.events import TrialName
from search.ledger import Ledger
from search.ledger.experiment_file import record_experiment
from search.plan import build_plan
from search.queue.dry_run import remaining_trials
from search.status.run_status import run_status
from search.trials.corpora import CorpusFolder
from search.trials.factory import TrialFactory
from search.trials.protocol import Failure, Outcome, Report
from sugrm import EpochRecord
from sugrm.training import SplitPredictions


@dataclass
class Run:
    """One command over a run folder.

    ``cut_off`` stops the driver, as a kill would, once it has received so many epochs;
    ``fails`` says which of the started trials fail (the first is 1), and how; ``undefined``
    makes every correlation NaN; ``data`` tells one corpus from another; ``penalty`` is what l2
    adds to the error.
    """

    space: object
    folder: Path
    cut_off: int | None = None
    fails: dict[int, str] = field(default_factory=dict)
    undefined: bool = False
    data: str = ""
    penalty: float = 0.1
    events: list = field(default_factory=list)
    epochs: int = 0
    tasks: dict = field(default_factory=dict)

    def __post_init__(self):
        """Restore what an earlier command left in the folder."""
        plan = build_plan(self.space)
        self.factory = factory_of(self.space, self.folder, self.data)
        self.ledger = Ledger(self.folder)
        self.controller = Controller(
            self.space, plan, factory=self.factory, ledger=self.ledger, listen=self.events.append
        )
        self.controller.restore()
        self.begun, self.known_best = self.controller.progress, self.controller.best
        self.left_out = len(self.ledger.trials.keys() - set(self.ledger.roles.values()))

    def go(self):
        """Run trial after trial, one at a time, until nothing is left or the kill."""
        number = 0
        while (task := self.hand_out(str(number))) is not None:
            for report in self.answers(task, len(self.titles())):
                if self.epochs == self.cut_off:
                    return self
                self.epochs += 1
                if self.controller.receive(str(number), report, node="node"):
                    break
                if self.controller.closing:  # as Ray's stopper then ends every trial
                    return self
            number += 1
        self.controller.close()
        return self

    def hand_out(self, trial_id):
        """Return the task of the next trial, which ``tasks`` keeps; None without one."""
        task = self.controller.hand_out(trial_id)
        self.tasks[trial_id] = task
        return task

    @property
    def study(self):
        """Return Optuna's study of the search."""
        return self.controller.queue.search.study.study

    def titles(self):
        return [event.name.title for event in self.named("TrialStarted")]

    def answers(self, task, number):
        """Yield an epoch's mae = distance of log10(rate) from -3, plus l2's penalty, over epoch.

        A model has 100 parameters, 90 with l2.
        """
        config = json.loads(task.config)
        rate = config["training"]["learning_rate"]["others"]
        distance = abs(np.log10(rate) + 3) + self.penalty * (config["objective"]["loss"] == "l2")
        distance += 1e-3 * task.seed + self.noise(config, task.seed)
        if number in self.fails:
            yield Report(failure=Failure(kind=self.fails[number], message="m", traceback="t"))
            return
        last = config["training"]["max_epochs"]
        for epoch in range(1, last + 1):
            valid = {name: float(distance / epoch) for name in METRICS}
            valid["corr"] = float("nan") if self.undefined else valid["corr"]
            record = EpochRecord(epoch=epoch, seconds=1.0, train_loss=1.0, valid=valid, counters={})
            split = SplitPredictions(
                ids=["u"], labels=np.float32([1]), predictions={"M": np.float32([distance])}
            )
            columns = {"parameters": 90 if config["objective"]["loss"] == "l2" else 100}
            outcome = Outcome(
                best_epoch=last,
                valid=valid,
                test=valid,
                predictions={"test": split},
                columns=columns,
            )
            yield Report(record=record, outcome=outcome if epoch == last else None)

    @staticmethod
    def noise(config, seed):
        """Return what the seed of a trial adds to its error."""
        return 0.0

    def named(self, *kinds):
        return [event for event in self.events if type(event).__name__ in kinds]

    def rows(self):
        """Return role -> key, status, objective."""
        return {
            TrialName.of(role, "").title: (
                key,
                self.ledger.trials[key].status,
                self.ledger.trials[key].valid.get("mae"),
            )
            for role, key in self.ledger.roles.items()
        }


def factory_of(space, folder, data=""):
    """Return the factory of made-up corpora; ``data`` tells one corpus from another."""
    corpora = {
        name: CorpusFolder(folder=Path(name), fingerprint=data + name)
        for name in build_plan(space).alignments
    }
    return TrialFactory(space, corpora, run=folder)


@pytest.fixture
def remaining(tmp_path, mini):
    """Ask what a command would compute, as its dry run does; the folder must stay as it is."""

    def ask(*overrides, folder="run", data=""):
        space, place = mini(*overrides), tmp_path / folder
        before = contents(place)
        found = remaining_trials(
            space, build_plan(space), factory=factory_of(space, place, data), folder=place
        )
        assert contents(place) == before
        return found

    return ask


@pytest.fixture
def status_before(tmp_path, mini):
    """Record a space in the run folder, as a command does first, and ask for its status.

    So does ``status`` after a command was killed there.
    """

    def ask(*overrides, folder="run", data=""):
        space, place = mini(*overrides), tmp_path / folder
        plan, factory = build_plan(space), factory_of(space, place, data)
        version = Version(
            space=space.to_dict(),
            source="",
            command="",
            data=factory.fingerprints,
            environment={},
            total=plan.total,
            search_trials=plan.search_trials,
        )
        record_experiment(place, folder, version=version)
        return run_status(tmp_path, folder)

    return ask


def contents(folder):
    """Return the files of a folder with the time of their last change."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def command(tmp_path, mini):
    """Run the mini space, with overrides, in one folder of the test, or in a place of a store."""

    def run(*overrides, folder="run", **options):
        place = tmp_path / folder if isinstance(folder, str) else folder
        return Run(mini(*overrides), place, **options).go()

    return run
