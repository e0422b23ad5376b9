import json
import os
import subprocess
import sys
import threading

import pytest

from reports.ledger.places.storage import place
from search.errors import SearchError
from search.ledger import lease
from search.ledger.lease import Lease
from tests.parametrise import mostly_slow

HOLDER = """
import sys, time
from reports.ledger.places.storage import place
from search.ledger.lease import Lease
Lease(place(sys.argv[1])).__enter__()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def run(s3, monkeypatch):
    for name, seconds in {"RENEWAL": 0.2, "PATIENCE": 1.0, "SETTLE": 0.1}.items():
        monkeypatch.setattr(lease, name, seconds)
    return place(s3) / "mini"


def leave_lease(run):
    """Write the lease of a driver on another machine."""
    holder = {"id": "another", "host": "another", "pid": 1, "machine": "another", "beats": 1}
    (run / "lock").put(json.dumps(holder).encode())


def test_a_run_is_held_while_the_lease_lasts(run):
    assert not Lease(run).is_taken()
    with Lease(run):
        assert Lease(run).is_taken()
    assert not Lease(run).is_taken()
    with Lease(run):
        pass


def test_a_second_run_at_the_same_time_is_refused(run):
    with (
        Lease(run),
        pytest.raises(SearchError, match=rf"in use by another run .process {os.getpid()}"),
    ):
        Lease(run).__enter__()
    assert not Lease(run).is_taken()


def test_the_refused_one_leaves_the_lease_of_the_other(run):
    with Lease(run):
        with pytest.raises(SearchError):
            Lease(run).__enter__()
        assert Lease(run).is_taken()


def test_of_two_that_begin_at_once_the_last_writer_holds(run, monkeypatch):
    """The second one writes while the first one waits to see who won."""
    with monkeypatch.context() as patch:
        patch.setattr("search.ledger.lease.time.sleep", lambda seconds: leave_lease(run))
        with pytest.raises(SearchError, match="in use"):
            Lease(run).__enter__()
    assert (run / "lock").exists()


@pytest.mark.slow
def test_a_lease_left_behind_is_taken_over_after_a_while(run):
    """Nothing is known of the holder's machine, so it is watched."""
    leave_lease(run)
    with Lease(run):
        assert Lease(run).is_taken()


def test_a_lease_that_is_released_while_it_is_watched_is_taken(run, monkeypatch):
    """Its holder's run ends while the next one waits."""
    leave_lease(run)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 1:
            (run / "lock").unlink()

    monkeypatch.setattr(lease, "PATIENCE", 3600.0)
    monkeypatch.setattr("search.ledger.lease.time.sleep", sleep)
    with Lease(run):
        assert Lease(run).is_taken()
    assert len(slept) == 2  # once while watching, once until the last of several writers is known


@pytest.mark.slow
def test_the_lease_of_a_killed_process_of_this_machine_is_taken_over_at_once(run, monkeypatch):
    monkeypatch.setattr(lease, "PATIENCE", 3600.0)
    command = [sys.executable, "-c", HOLDER, str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline().strip() == "held"
        before = Lease(run).is_taken()
        holder.kill()
    assert (before, Lease(run).is_taken()) == (True, False)
    with Lease(run):
        assert Lease(run).is_taken()


def test_a_holder_learns_that_another_one_took_the_run(run):
    reported, messages = threading.Event(), []
    with Lease(run) as first:
        first.on_loss = lambda message: (messages.append(message), reported.set())
        leave_lease(run)
        assert reported.wait(10)
    assert "in use by another run" in messages[0]
    assert (run / "lock").exists()


def test_a_holder_learns_that_another_one_came_and_went(run):
    reported, messages = threading.Event(), []
    with Lease(run) as first:
        first.on_loss = lambda message: (messages.append(message), reported.set())
        (run / "lock").unlink()
        assert reported.wait(10)
    assert "is gone" in messages[0]
    assert not (run / "lock").exists()


DAMAGED = (b"{half", b"\xff", b"[" * 300_000, b'{"pid": ' + b"9" * 5000 + b"}", b"[1]")


@pytest.mark.slow
@pytest.mark.parametrize("content", mostly_slow(DAMAGED, quick=DAMAGED[:2]))
def test_a_damaged_lease_is_watched_like_any_other(run, content):
    (run / "lock").put(content)
    assert Lease(run).is_taken()  # whoever wrote it did so just now
    with Lease(run):
        assert Lease(run).is_taken()
