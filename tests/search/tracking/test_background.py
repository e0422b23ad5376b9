"""A tracker in a thread: the order of its calls, and what happens while it fails."""

import threading
import time

import numpy as np
import pytest

from search.tracking import background
from search.tracking.background import BackgroundTracker
from search.tracking.protocol import EpochValues
from tests.search.tracking.recording import RecordingTracker, ended_row, epoch, trial

KEY = "a" * 16
WHOLE = [("start", KEY, "search-3-aaaaaaaa"), ("end", KEY, "finished"), ("close", True)]


def run_of(tracker):
    """Let one trial with two epochs run."""
    tracker.start_trial(trial())
    tracker.write_epoch(KEY, epoch(1))
    tracker.write_epoch(KEY, epoch(2))
    tracker.end_trial(ended_row(KEY, "finished"))


def without_epochs(calls):
    return [call for call in calls if call[0] != "epochs"]


def epochs_in(calls):
    return [number for call in calls if call[0] == "epochs" for number in call[2]]


def test_calls_arrive_in_order_and_epochs_that_wait_arrive_together():
    calls, may_start = [], threading.Event()

    def make():
        may_start.wait(20)
        return RecordingTracker(calls)

    tracker = BackgroundTracker("Board", make)
    run_of(tracker)
    may_start.set()
    tracker.close(done=True, wait_seconds=20)
    start, end, closed = WHOLE
    assert calls == [start, ("epochs", KEY, [1, 2]), end, closed]
    assert tracker.take_warnings() == []


@pytest.mark.slow
def test_a_tracker_that_fails_for_a_while_gets_everything_after_one_warning():
    calls = []
    tracker = BackgroundTracker(
        "Board", lambda: RecordingTracker(calls, failures=3), retry_seconds=0.01
    )
    run_of(tracker)
    for _ in range(2000):
        if calls[-1:] == [("end", KEY, "finished")]:
            break
        time.sleep(0.01)
    tracker.close(done=True, wait_seconds=20)
    assert without_epochs(calls) == WHOLE
    assert epochs_in(calls) == [1, 2]
    assert tracker.take_warnings() == [
        "Board cannot be written to: the server is away; it is tried again. The ledger has "
        "every result"
    ]


def test_a_tracker_that_cannot_be_opened_ends_with_two_warnings():
    def make():
        raise OSError("no space left on device")

    tracker = BackgroundTracker("Board", make)
    run_of(tracker)
    tracker.close(done=True, wait_seconds=20)
    cause, rest = tracker.take_warnings()
    assert cause.startswith("Board cannot be written to: no space left on device")
    assert rest.startswith("Board does not have the whole run; the same command again sends")


def test_a_tracker_that_hangs_neither_slows_the_driver_nor_holds_its_end():
    hangs, ended = threading.Event(), threading.Event()

    def make():
        hangs.wait(60)
        ended.set()

    tracker = BackgroundTracker("Board", make)
    run_of(tracker)
    tracker.close(done=True, wait_seconds=0.1)
    assert not ended.is_set()  # the driver has gone on while the tracker hung
    (line,) = tracker.take_warnings()
    assert line.startswith("Board does not have the whole run")
    hangs.set()


def test_more_tasks_than_memory_should_hold_are_not_kept(monkeypatch):
    monkeypatch.setattr(background, "_MOST_WAITING", 3)
    hangs = threading.Event()
    calls = []

    def make():
        hangs.wait(60)
        return RecordingTracker(calls)

    tracker = BackgroundTracker("Board", make)
    for number in range(10):
        tracker.start_trial(trial(f"{number}" * 16))
    hangs.set()
    tracker.close(done=True, wait_seconds=20)
    assert 3 <= len(calls) <= 4  # the thread may have taken one before it hung
    assert any("does not have the whole run" in line for line in tracker.take_warnings())


def test_labels_do_not_wait_in_memory():
    seen = []

    class Labels(RecordingTracker):
        def write_epochs(self, key, epochs):
            seen.extend(epochs)

    tracker = BackgroundTracker("Board", lambda: Labels([]))
    labels = {"T": np.zeros(4, dtype=np.float32)}
    tracker.write_epoch(KEY, EpochValues(epoch=1, time=0.0, scalars={}, labels=labels))
    tracker.close(done=True, wait_seconds=20)
    assert [each.labels for each in seen] == [{}]
