"""A limit on the time of a piece of work in this process."""

import contextlib
import faulthandler
import signal
import threading
from collections.abc import Iterator
from types import FrameType

GRACE_SECONDS = 30.0
"""After the limit, until a process that does not come back to Python is ended."""


class TimeLimitError(Exception):
    """The work took longer than it may."""


@contextlib.contextmanager
def time_limit(seconds: float | None, message: str) -> Iterator[None]:
    """Raise after ``seconds``; None sets no limit.

    Python hears of the alarm between two of its instructions. Work that hangs inside a library is
    ended with its process, ``GRACE_SECONDS`` later, by a watchdog that needs no interpreter.

    Raises:
        TimeLimitError: with ``message``.
    """
    if seconds is None:
        yield
        return
    left = max(seconds, 1e-3)  # 0 would switch the alarm off

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeLimitError(message)

    hears = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGALRM, ring) if hears else None
    if hears:
        signal.setitimer(signal.ITIMER_REAL, left)
    faulthandler.dump_traceback_later(left + GRACE_SECONDS, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        if hears:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
