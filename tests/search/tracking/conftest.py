"""A run with a journal of Optuna, written at once."""

import pytest

from search.tracking import trackers


class Direct:
    """A tracker in the driver's own thread, so that a test can kill the driver at any epoch."""

    def __init__(self, name, make):
        self.make, self.made, self.warnings = make, None, []

    @property
    def tracker(self):
        self.made = self.made or self.make()
        return self.made

    def __getattr__(self, name):
        return getattr(self.tracker, name)

    def add(self, task):
        task(self.tracker)

    def write_epoch(self, key, epoch):
        self.tracker.write_epochs(key, [epoch])

    def warn(self, line):
        self.warnings.append(line)

    def take_warnings(self):
        taken, self.warnings = self.warnings, []
        return taken

    def close(self, *, done, wait_seconds):
        self.tracker.close(done=done)


@pytest.fixture
def watched(command, monkeypatch):
    """Run the search of the mini space with a journal, or the whole space."""
    monkeypatch.setattr(trackers, "BackgroundTracker", Direct)
    monkeypatch.setattr(trackers, "write_page", lambda run, folder: None)

    def run(*overrides, whole=False, **options):
        alone = () if whole else ("confirm=", "ablations={}")
        return command("tracking=[optuna]", *alone, *overrides, **options)

    return run
