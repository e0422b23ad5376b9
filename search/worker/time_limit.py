"""A time limit on work in this process."""

import contextlib
import faulthandler
import signal
import threading
from collections.abc import Iterator
from types import FrameType

GRACE_SECONDS = 30.0
"""How long after the limit a process that does not return to Python is ended."""


_AGAIN_SECONDS = 0.1


class TimeLimitError(Exception):
    """The work took longer than its limit."""


@contextlib.contextmanager
def time_limit(seconds: float | None, message: str) -> Iterator[None]:
    """Raise an error in the block when its time is over.

    Python handles the alarm between two instructions. Work that hangs inside a library never comes
    to the next one: a watchdog outside the interpreter ends its process ``GRACE_SECONDS`` later.

    Args:
        seconds: the time limit, None for none.
        message: the message of the error.

    Raises:
        TimeLimitError: the block took longer than ``seconds``.
    """
    if seconds is None:
        yield
        return
    left = max(seconds, 1e-3)  # 0 would switch the alarm off
    with _alarm(left, message):
        faulthandler.dump_traceback_later(left + GRACE_SECONDS, exit=True, file=2)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _alarm(seconds: float, message: str) -> Iterator[None]:
    """Raise an error in the block after some seconds; only the main thread gets the alarm."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        if is_importing(frame):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
        else:
            raise TimeLimitError(message)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def is_importing(frame: FrameType | None) -> bool:
    """Return whether a module is being imported; an exception there would leave half of it behind.

    Later trials of the process would fail with what is missing of it.
    """
    while frame is not None:
        if "importlib._bootstrap" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False
