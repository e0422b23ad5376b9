"""A tracker that records its calls, and values to give it."""

from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.tracking.protocol import EpochValues, TrackedRun, TrackedTrial

RUN = TrackedRun(name="demo", identity="0123456789abcdef", source="name: demo\n")


class RecordingTracker:
    """Record every call; ``failures`` calls fail first, and ended trials are kept."""

    def __init__(self, calls, failures=0, has=()):
        self.calls, self.failures, self.has = calls, failures, set(has)

    def _record(self, *call):
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the server\nis away")
        self.calls.append(call)

    def start_trial(self, trial):
        self._record("start", trial.key, trial.label)

    def write_epochs(self, key, epochs):
        self._record("epochs", key, [epoch.epoch for epoch in epochs])

    def end_trial(self, trial):
        self._record("end", trial.key, trial.status)

    def lacking(self, trials):
        return [key for key in trials if key not in self.has]

    def attach_report(self, page):
        self._record("report", "<html" in page.read_text(encoding="utf-8"))

    def close(self, *, done):
        self._record("close", done)


def trial(key="a" * 16, **values):
    """Return a trial of the search with these values."""
    role = Role(phase="search", number=3, seed=1)
    given = (("training.batch_size", 32), ("seed", 1), ("phase", "search"), *values.items())
    return TrackedTrial(
        key=key, label=f"search-3-{key[:8]}", role=role, values=given, label_bound=3.0
    )


def ended_row(key, status):
    """Return the row of a trial that has ended."""
    return Trial(key=key, status=status, seed=1)


def epoch(number, **scalars):
    """Return the values of an epoch."""
    values = {"train/loss": 1.0 / number, "valid/mae": 0.5 / number, **scalars}
    return EpochValues(epoch=number, time=1000.0 + number, scalars=values)


def closed(run):
    """End a run as ``finish_run`` does; return it."""
    run.controller.trackers.send_recorded(run.ledger)
    run.controller.trackers.close(done=True)
    return run
