"""A Ray for one run on this machine: only the run can use it, and it ends with the run.

Ray's processes listen on all interfaces of the machine and execute what they receive. So they
require a token that each run draws at random. Only the run's processes have it, in their
environment.
"""

import atexit
import contextlib
import logging
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from search.environment import usable_cpus
from search.errors import RayLostError, RunTerminated, SearchError
from search.tune.cluster.authentication import own_token
from search.tune.cluster.private_folder import private_folder
from search.tune.cluster.processes import end_processes
from search.tune.cluster.ray_watch import ended_if_lost

RuntimeEnv = Mapping[str, Any]
"""What Ray sets up in every worker process, in Ray's own format."""

_SHUTDOWN_SECONDS = 30.0
_SHORT_SHUTDOWN_SECONDS = 5.0
_LOST_SHUTDOWN_SECONDS = 15.0  # without the GCS it takes longer
_TOO_SLOW = "timed out during startup"  # of Ray's message


@contextlib.contextmanager
def local_ray(runtime_env: RuntimeEnv, *, gpus: int | None = None) -> Iterator[None]:
    """Start Ray for this process alone; leave no process or file of it behind.

    Nor does it leave variables, but for two that Ray sets for good, ``RAY_CLIENT_MODE`` and
    ``PYTHONBREAKPOINT``.

    Args:
        runtime_env: the runtime environment of each worker.
        gpus: the number of GPUs that Ray assigns, None for those that it finds itself.

    Raises:
        SearchError: Ray cannot start, or one of its processes died.
    """
    with private_folder() as folder, own_token():
        try:
            with _handler_kept(signal.SIGTERM):
                _start(folder / "ray", runtime_env, gpus=gpus)
            with ended_if_lost(lambda: _leave_nothing(folder)):
                yield
        except RunTerminated:
            # Ray's processes got the signal as well, and a shutdown of dead ones takes a minute.
            _stop(folder, _SHORT_SHUTDOWN_SECONDS)
            raise
        except RayLostError:
            _stop(folder, _LOST_SHUTDOWN_SECONDS)
            raise
        except BaseException:
            _stop(folder, _SHUTDOWN_SECONDS)
            raise
        _stop(folder, _SHUTDOWN_SECONDS)


def _start(folder: Path, runtime_env: RuntimeEnv, *, gpus: int | None) -> None:
    """Start Ray; once more if it was too slow: it gives its node 30 seconds and no setting."""
    try:
        try:
            _init(folder, runtime_env, gpus=gpus)
        except Exception as error:
            if _TOO_SLOW not in str(error) or not _stop(folder, _SHUTDOWN_SECONDS):
                raise
            _init(folder, runtime_env, gpus=gpus)
    except Exception as error:  # one that times out raises nothing more specific
        raise _cannot_start(error) from error


def _init(folder: Path, runtime_env: RuntimeEnv, *, gpus: int | None) -> None:
    import ray

    ray.init(
        address="local",
        num_cpus=usable_cpus(),
        num_gpus=gpus,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        runtime_env=dict(runtime_env),
        _temp_dir=str(folder),
    )


def _cannot_start(error: Exception) -> SearchError:
    said = " ".join(str(error).split())
    return SearchError(
        f"Ray cannot start on this machine ({said}); expected free memory, a folder for temporary "
        "files and a start within 30 seconds; free memory, set RAY_TMPDIR to another folder, try "
        "again later, or add --launcher sequential (no Ray, one trial at a time)"
    )


@contextlib.contextmanager
def _handler_kept(number: int) -> Iterator[None]:
    """Keep this process's handler of a signal; Ray's would exit with another code."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(number)
    try:
        yield
    finally:
        if before is not None:  # a handler that Python has not set cannot be restored
            signal.signal(number, before)


def _stop(folder: Path, seconds: float) -> bool:
    """Shut Ray down within some seconds, then kill the processes that are left.

    Returns:
        Whether the shutdown ended in time.
    """
    import ray

    shutdown = threading.Thread(target=ray.shutdown, name="ray-shutdown", daemon=True)
    shutdown.start()
    shutdown.join(seconds)
    has_ended = not shutdown.is_alive()
    if not has_ended:
        atexit.unregister(ray.shutdown)  # it would wait for the same thread at exit
    end_processes(folder)
    return has_ended


def _leave_nothing(folder: Path) -> None:
    """Kill Ray's processes and remove its folder, where Ray itself no longer answers."""
    end_processes(folder)
    shutil.rmtree(folder, ignore_errors=True)
