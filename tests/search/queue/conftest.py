import numpy as np
import pytest

from search.events import TrialName
from search.ledger import Ledger
from search.plan import build_plan
from search.queue.listener import Listener
from search.queue.search_history import SearchHistory
from search.queue.search_queue import SearchQueue
from search.queue.trial_queue import TrialQueue
from search.trials.protocol import Failure, Outcome
from search.trials.result import Ending, ended_trial
from sugrm import EpochRecord
from sugrm.training import SplitPredictions
from tests.search.runs import factory_of


class Opened:
    """A run folder that one command has opened; the test ends the trials, without any training."""

    def __init__(self, space, folder):
        self.space, self.plan = space, build_plan(space)
        self.factory, self.ledger = factory_of(space, folder), Ledger(folder)
        self.reused, self.warnings = [], []

    def trial_queue(self, cut_off=()):
        """Return the restored queue of the run."""
        listener = Listener(lambda role, key: self.reused.append(title(role)), self.warnings.append)
        queue = TrialQueue(
            self.space, self.plan, factory=self.factory, ledger=self.ledger, listener=listener
        )
        queue.restore(cut_off)
        return queue

    def search_queue(self, cut_off=()):
        """Return the suggestions of the search alone."""
        history = SearchHistory(self.space.search, self.ledger, max_epochs=2)
        return SearchQueue(
            self.space,
            self.factory,
            ledger=self.ledger,
            history=history,
            cut_off=cut_off,
            trials=self.plan.search_trials,
        )

    def record(self, trial, roles, mae=1.0, failure=""):
        """Write the rows of a trial that finished after one epoch, or failed before it."""
        failed = Failure(kind=failure, message="m", traceback="t")
        records = [] if failure else [epoch(mae)]
        split = SplitPredictions(
            ids=["u"], labels=np.float32([1]), predictions={"M": np.float32([1])}
        )
        scores = {"mae": mae}
        outcome = Outcome(
            best_epoch=1, valid=scores, test=scores, predictions={"test": split}, columns={}
        )
        ending = Ending(
            status="failed" if failure else "finished",
            outcome=None if failure else outcome,
            failure=failed if failure else None,
        )
        self.ledger.add(ended_trial(trial, records, ending=ending), roles)

    def end(self, queue, queued, **result):
        """End a trial of the trial queue."""
        self.record(queued.trial, queued.roles, **result)
        queue.record_end(queued.key)


def epoch(mae):
    return EpochRecord(epoch=1, seconds=1.0, train_loss=1.0, valid={"mae": mae}, counters={})


def title(role):
    return TrialName.of(role, "").title


@pytest.fixture
def opened(tmp_path, mini):
    """Return a function that opens the run folder for a command over the mini space."""
    return lambda *overrides: Opened(mini(*overrides), tmp_path / "run")
