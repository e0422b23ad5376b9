"""Ending a run when a process that Ray needs has died."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

from search.errors import RayLostError, RunTerminated

NEEDED = {"raylet": "its raylet", "gcs_server": "its control service (GCS)"}
LOOK_SECONDS = 1.0
"""Time between two checks of Ray's processes. Without its raylet a driver waits for ever; without
its GCS Ray ends the driver after a minute."""
_REPEAT_SECONDS = 15.0
_SIGNAL = signal.SIGURG  # ignored by default, and no program sends it to end a run


@contextlib.contextmanager
def ended_if_lost() -> Iterator[None]:
    """End the block when a process that Ray needs has died.

    Only the main thread can be interrupted; a run in another thread is not watched.

    Raises:
        RayLostError: such a process has died.
    """
    lost: list[str] = []
    over = threading.Event()
    caller = threading.current_thread()

    def break_off(number: int, frame: object) -> None:
        if lost and not over.is_set():
            raise KeyboardInterrupt

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            lost.extend(_dead())
            while lost and not over.is_set():
                signal.pthread_kill(caller.ident or 0, _SIGNAL)
                over.wait(_REPEAT_SECONDS)

    watching = threading.Thread(target=watch, name="ray-watch", daemon=True)
    if caller is not threading.main_thread():  # only the main thread gets signals
        yield
        return
    before = signal.signal(_SIGNAL, break_off)
    watching.start()
    try:
        yield
    except RunTerminated:
        raise
    except BaseException as error:
        over.set()
        if lost or _dead():
            raise _lost(lost or _dead()) from error
        raise
    finally:
        over.set()
        watching.join()
        signal.signal(_SIGNAL, before if before is not None else signal.SIG_DFL)


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
