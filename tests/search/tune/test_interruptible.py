"""Signals that break a run off."""

import signal
from types import SimpleNamespace

import pytest

from search.errors import RunTerminated, SearchError
from search.tune.fitting import interruptible


def fail_after(number):
    director = SimpleNamespace(interrupt=lambda message: None)
    with interruptible(director):
        try:
            signal.raise_signal(number)
        except RunTerminated:
            raise SearchError("Ray has lost its raylet") from None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_fails_after_a_signal_does_not_hide_it(number):
    """Ray's processes have got the signal as well, so that its errors come in place of it."""
    with pytest.raises(RunTerminated) as raised:
        fail_after(number)
    assert raised.value.number == number
