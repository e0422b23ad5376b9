"""What a signal does to a run."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

from search.errors import RunTerminated

if TYPE_CHECKING:
    from search.controller.controller import Controller

INTERRUPTED = "interrupted: the running trials stop at their last checkpoint"

_Handler = Callable[[int, FrameType | None], None]


@contextlib.contextmanager
def interruptible(
    controller: "Controller", *, break_off: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Close the run at the first Ctrl-C; end it at once at a second one or at another signal.

    A scheduler of jobs sends SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 mostly to all processes of a job,
    Ray's included, so there is nothing to wait for. A signal that is ignored (SIGHUP under
    ``nohup``) stays ignored.

    Args:
        controller: the controller of the run.
        break_off: called first at a Ctrl-C; it may raise, to leave what this process computes, and
            whoever catches that closes the run.

    Raises:
        RunTerminated: one of these four signals ended the run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handling = _SignalHandlers(controller, break_off)
    before = {
        number: signal.signal(number, handler) for number, handler in handling.by_number().items()
    }
    try:
        yield
    except BaseException:
        # Tune may have raised another interrupt instead, or Ray's processes got the signal too.
        if handling.received:
            raise RunTerminated(handling.received[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _SignalHandlers:
    """What a run does when a signal arrives.

    Args:
        controller: the controller of the run.
        break_off: leaves what this process computes.

    Attributes:
        received: the signals that end the run at once and have arrived.
    """

    def __init__(self, controller: "Controller", break_off: Callable[[], None]) -> None:
        self._controller, self._break_off = controller, break_off
        self.received: list[int] = []

    def by_number(self) -> dict[signal.Signals, _Handler]:
        """Return the handler of each signal that is handled."""
        handlers: dict[signal.Signals, _Handler] = {
            signal.SIGINT: self.interrupt,
            signal.SIGTERM: self.terminate,
        }
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
            if signal.getsignal(number) is not signal.SIG_IGN:
                handlers[number] = self.terminate
        return handlers

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Close the run; the next Ctrl-C ends it at once."""
        try:
            self._break_off()
            self._controller.interrupt(INTERRUPTED)
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def terminate(self, number: int, frame: FrameType | None) -> None:
        """Close the run and end it at once."""
        self.received.append(number)
        with contextlib.suppress(OSError):  # the terminal may be gone
            self._controller.interrupt(
                "terminated: the running trials go on from their last checkpoint"
            )
        raise RunTerminated(number)
