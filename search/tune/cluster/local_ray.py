"""A Ray for one run on this machine: only the run reaches it, and nothing of it outlives the run.

Ray's processes listen on all interfaces of the machine and do what they are asked to. So each run
draws a token that they ask for. It stands in the environment of the run's processes only.
"""

import atexit
import contextlib
import logging
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

_FAREWELL_SECONDS = 30.0
_SHORT_FAREWELL_SECONDS = 5.0
_LOST_FAREWELL_SECONDS = 15.0  # without the GCS it takes some 7 s


@contextlib.contextmanager
def local_ray(runtime_env: RuntimeEnv, *, gpus: int | None = None) -> Iterator[None]:
    """Start Ray for this process alone; leave no process, file or variable of it behind.

    Args:
        runtime_env: what Ray sets up in each worker.
        gpus: those that Ray hands out, None for those that it finds itself.

    Raises:
        SearchError: Ray cannot start, or one of its processes died.
    """
    with private_folder() as folder, own_token():
        try:
            with _handler_kept(signal.SIGTERM):
                _start(folder / "ray", runtime_env, gpus)
            with ended_if_lost():
                yield
        except RunTerminated:
            # Ray's processes have got the signal as well: a farewell to the dead takes a minute.
            _stop(folder, _SHORT_FAREWELL_SECONDS)
            raise
        except RayLostError:
            _stop(folder, _LOST_FAREWELL_SECONDS)
            raise
        except BaseException:
            _stop(folder, _FAREWELL_SECONDS)
            raise
        _stop(folder, _FAREWELL_SECONDS)


def _start(folder: Path, runtime_env: RuntimeEnv, gpus: int | None) -> None:
    import ray

    try:
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
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        said = " ".join(str(error).split())
        raise SearchError(
            f"Ray cannot start on this machine ({said}); expected free memory and a folder for "
            "temporary files; free some memory, or name another folder with RAY_TMPDIR"
        ) from error


@contextlib.contextmanager
def _handler_kept(number: int) -> Iterator[None]:
    """Keep what this process does at a signal; Ray would exit with a code of its own."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(number)
    try:
        yield
    finally:
        if before is not None:  # a handler that Python has not set cannot be put back
            signal.signal(number, before)


def _stop(folder: Path, seconds: float) -> None:
    """Shut Ray down, within so many seconds, and end what is left of it."""
    import ray

    farewell = threading.Thread(target=ray.shutdown, name="ray-shutdown", daemon=True)
    farewell.start()
    farewell.join(seconds)
    if farewell.is_alive():
        atexit.unregister(ray.shutdown)  # which would wait for the same at the end
    end_processes(folder)
