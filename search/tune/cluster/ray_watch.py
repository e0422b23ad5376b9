"""Ending a run when a process that Ray needs has died."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from search.errors import RayLostError, RunTerminated

NEEDED = {"raylet": "its raylet", "gcs_server": "its control service (GCS)"}
LOOK_SECONDS = 1.0
"""Time between two checks of Ray's processes. Without its raylet a driver waits for ever; without
its GCS Ray ends the driver after a minute."""
_REPEAT_SECONDS = 15.0
"""Time that the main thread has to answer a signal. A call that waits for the GCS answers none, and
Ray ends the process within it after a minute, with a message of its own."""
_ERRORS = 2
"""The descriptor of standard error: its stream may be locked by the thread that is stuck."""
_SIGNAL = signal.SIGURG  # ignored by default, and no program sends it to end a run


@contextlib.contextmanager
def ended_if_lost(clean_up: Callable[[], None]) -> Iterator[None]:
    """End the block when a process that Ray needs has died.

    Only the main thread can be interrupted; a run in another thread is not watched. If the main
    thread waits within Ray and cannot be interrupted, the process ends with the message of the
    error and exit code 2.

    Args:
        clean_up: is called in another thread before the process is ended in this way.

    Raises:
        RayLostError: such a process has died.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone gets signals
        yield
        return
    watch = _Watch(clean_up)
    before = signal.signal(_SIGNAL, watch.break_off)
    watch.start()
    try:
        with _quiet_threads(watch):
            yield
    except RunTerminated:
        raise
    except BaseException as error:
        watch.over.set()
        if names := watch.lost or _dead():
            raise _lost(names) from error
        raise
    finally:
        watch.over.set()
        watch.join()
        signal.signal(_SIGNAL, before if before is not None else signal.SIG_DFL)


@contextlib.contextmanager
def _quiet_threads(watch: "_Watch") -> Iterator[None]:
    """Print no traceback of Ray's own threads that end because Ray is lost."""
    before = threading.excepthook

    def hook(ended: threading.ExceptHookArgs) -> None:
        is_rays = ended.thread is not None and ended.thread.name.startswith("ray_")
        if not (is_rays and (watch.lost or _dead())):
            before(ended)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before


class _Watch(threading.Thread):
    """Watch Ray's processes and send the main thread a signal when one has died.

    Args:
        clean_up: is called before the process is ended because the main thread answers no signal.

    Attributes:
        lost: the names of the processes that have died.
        over: is set when the watch ends.
    """

    def __init__(self, clean_up: Callable[[], None]) -> None:
        super().__init__(name="ray-watch", daemon=True)
        self.lost: list[str] = []
        self.over = threading.Event()
        self._clean_up = clean_up
        self._answered = threading.Event()

    def run(self) -> None:
        """Look at the processes until the watch ends."""
        while not self.over.wait(LOOK_SECONDS):
            self.lost.extend(_dead())
            while self.lost and not self.over.is_set():
                self._answered.clear()
                signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)
                if not self.over.wait(_REPEAT_SECONDS) and not self._answered.is_set():
                    self._end_the_process()

    def break_off(self, number: int, frame: object) -> None:
        """Interrupt the main thread, as a handler of the signal."""
        self._answered.set()
        if self.lost and not self.over.is_set():
            raise KeyboardInterrupt

    def _end_the_process(self) -> NoReturn:
        """Leave nothing of the run behind and end the process, whose main thread is stuck."""
        try:
            self._clean_up()
        finally:
            os.write(_ERRORS, f"error: {_lost(self.lost)}\n".encode())
            os._exit(2)


def check_alive() -> None:
    """Check that the processes that a local Ray needs are alive.

    Raises:
        RayLostError: one of them has died.
    """
    if names := _dead():
        raise _lost(names)


def _dead() -> list[str]:
    """Return the names of the processes that Ray needs and that have died."""
    import ray

    node = ray._private.worker._global_node
    processes: dict[str, list[Any]] = node.all_processes if node is not None else {}
    return [
        name
        for name in NEEDED
        for started in processes.get(name, ())
        if started.process.poll() is not None
    ]


def _lost(names: list[str]) -> RayLostError:
    return RayLostError(
        f"Ray has lost {' and '.join(NEEDED[name] for name in names)}: the process was killed or "
        "has crashed; expected it to live as long as the run; what has finished is kept; run the "
        "same command again to go on"
    )
