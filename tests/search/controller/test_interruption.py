"""Signals that break a run off."""

import signal
import threading
from types import SimpleNamespace

import pytest

from search.controller.interruption import interruptible
from search.errors import RunTerminated, SearchError
from search.tune.tune_signals import no_signal_stops_tune


def fail_after(number):
    controller = SimpleNamespace(interrupt=lambda message: None)
    with interruptible(controller):
        try:
            signal.raise_signal(number)
        except RunTerminated:
            raise SearchError("Ray has lost its raylet") from None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2])
def test_what_fails_after_a_signal_does_not_hide_it(number):
    """Ray's processes have got the signal as well, so that its errors come in place of it."""
    before = signal.signal(number, signal.SIG_DFL)  # under nohup a run ignores SIGHUP, as it should
    try:
        with pytest.raises(RunTerminated) as raised:
            fail_after(number)
    finally:
        signal.signal(number, before)
    assert raised.value.number == number


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_a_signal_that_is_ignored_stays_ignored(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with interruptible(SimpleNamespace(interrupt=None)):
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


def test_tune_takes_no_signal_for_itself():
    """At SIGUSR1 it would end the run as if it were done."""
    from ray.tune import tune

    numbers = (signal.SIGINT, signal.SIGUSR1)
    before = [signal.getsignal(number) for number in numbers]
    with no_signal_stops_tune():
        assert not tune._setup_signal_catching().is_set()
        assert [signal.getsignal(number) for number in numbers] == before
    assert tune._setup_signal_catching is not threading.Event
