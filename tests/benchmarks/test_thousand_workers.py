"""The simulated cluster drives the controller of a run; times are for people to read."""

import pytest

from benchmarks import thousand_workers
from benchmarks.scale import made_run
from benchmarks.scale.simulated_cluster import Driver
from search.ledger import Ledger
from search.ledger import running_trials as running_files
from search.status.run_status import run_status

TRIALS = 70
"""More than are in parts of their own, so that some are in a merged part."""


@pytest.fixture
def runs(tmp_path):
    made_run.write_run(made_run.space_of(tmp_path, TRIALS), tmp_path / made_run.NAME)
    return tmp_path


@pytest.mark.slow
def test_a_made_run_is_whole_and_belongs_to_its_space(runs):
    status = run_status(runs, made_run.NAME)
    assert (status.done, status.left_out, status.warnings) == (TRIALS, 0, ())
    assert status.counts == {"search": {"finished": 24, "stopped": 46}}


@pytest.mark.slow
def test_each_epoch_is_one_event_and_one_write_of_its_running_trial(runs, monkeypatch):
    driver = Driver(runs, TRIALS + 2)
    workers = [driver.next_worker() for _ in range(2)]
    written, write = [], running_files.write_json
    monkeypatch.setattr(
        running_files, "write_json", lambda path, content: written.append(write(path, content))
    )
    before = driver.events
    assert not any(driver.receive(worker) for worker in workers)
    assert (driver.events - before, len(written)) == (2, 2)


@pytest.mark.slow
def test_all_workers_are_busy_and_what_they_end_is_in_the_ledger(runs, monkeypatch):
    monkeypatch.setattr(thousand_workers, "WORKERS", 3)
    monkeypatch.setattr(thousand_workers, "SECONDS", 0.2)
    found = thousand_workers.drive(runs, TRIALS)
    assert found["epochs"] == 40
    assert found["events"] == 40 + 2 * found["ends"]  # each end is an event, and the next start
    assert len(Ledger(runs / made_run.NAME).trials) == TRIALS + found["ends"] > TRIALS
