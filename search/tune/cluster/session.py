"""Starting a local Ray or joining a cluster."""

import contextlib
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping

from search.errors import RunTerminated, SearchError
from search.gpus import declared_gpus
from search.tune.cluster.authentication import read_authentication, variables
from search.tune.cluster.local_ray import RuntimeEnv, local_ray

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_GLOBAL_CHECKPOINT_S": "1000000000",  # its snapshots are never restored
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_WARN_INSUFFICENT_RESOURCE_THRESHOLD_S": "1000000000",
}
_CONNECT_SECONDS = 5.0
_SHUTDOWN_SECONDS = 5.0


@contextlib.contextmanager
def ray_session(
    address: str | None,
    *,
    runtime_env: RuntimeEnv | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Connect this process to a Ray; a local one ends with the block and leaves no files.

    A Ray that this process has started already is used as it is.

    Args:
        address: the address of a cluster; None starts a local Ray.
        runtime_env: the runtime environment of every worker process.
        environment: variables that the workers of a cluster get as well; the workers of a local
            Ray inherit those of this process.

    Raises:
        SearchError: Ray cannot start, or no cluster can be joined at the address.
    """
    unset = {name: value for name, value in _ENVIRONMENT.items() if name not in os.environ}
    # In a notebook without ipywidgets Ray logs when it is imported.
    logging.getLogger("ray.widgets").setLevel(logging.ERROR)
    with variables(unset):
        import ray

        # Events and the ledger report failures; Tune and Ray would log them a second time.
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
        ray._private.worker._worker_logs_enabled = False
        given = runtime_env or {}
        if ray.is_initialized():
            yield
        elif address is None:
            with local_ray(given, gpus=declared_gpus()):
                yield
        else:
            with _joined(address, _runtime_env(given, environment)):
                yield


@contextlib.contextmanager
def _joined(address: str, runtime_env: RuntimeEnv) -> Iterator[None]:
    """Join the cluster at ``address``, with the token of the environment if it requires one."""
    import ray

    _check_answers(address)
    read_authentication()  # an earlier Ray of this process may have had another token
    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env=dict(runtime_env),
        )
    except (ConnectionError, RuntimeError, ray.exceptions.RayError) as error:
        refusal = _no_cluster if isinstance(error, ConnectionError) else _other_cluster
        raise refusal(address, error) from error
    with _left_at_the_end():
        yield


@contextlib.contextmanager
def _left_at_the_end() -> Iterator[None]:
    """Leave the cluster at the end of the block."""
    import ray

    try:
        yield
    except RunTerminated:
        # The node's processes may have got the signal as well: do not wait a minute for them.
        shutdown = threading.Thread(target=ray.shutdown, daemon=True)
        shutdown.start()
        shutdown.join(_SHUTDOWN_SECONDS)
        raise
    except BaseException:
        ray.shutdown()
        raise
    ray.shutdown()


def store_environment() -> dict[str, str]:
    """Return the environment variables with which this process reaches an object store."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def _runtime_env(given: RuntimeEnv, variables: Mapping[str, str] | None) -> RuntimeEnv:
    """Return a runtime environment with variables added; its own variables win."""
    if not variables:
        return given
    return {**given, "env_vars": {**variables, **given.get("env_vars", {})}}


def _check_answers(address: str) -> None:
    """Refuse an address where nothing listens: Ray itself would try for many minutes."""
    if address == "auto":
        return  # Ray looks it up at once
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise SearchError(
            f"--address {address!r} is no address of a Ray cluster; expected auto or HOST:PORT, as "
            "ray start --head prints it; see docs/cluster.md"
        )
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> SearchError:
    return SearchError(
        f"no Ray cluster answers at {address!r} ({str(error).splitlines()[0]}); expected auto or "
        "HOST:PORT of a running one (ray start --head prints it), and its RAY_AUTH_TOKEN where it "
        "asks for one; without --address this machine alone is used; see docs/cluster.md"
    )


def _other_cluster(address: str, error: Exception) -> SearchError:
    said = " ".join(str(error).split())
    return SearchError(
        f"the Ray cluster at {address!r} cannot be joined ({said}); expected the versions of Ray "
        "and Python that it was started with, and its RAY_AUTH_TOKEN where it asks for one; see "
        "docs/cluster.md"
    )


def is_started() -> bool:
    """Return whether this process is connected to a Ray already, local or not."""
    ray = sys.modules.get("ray")
    return ray is not None and bool(ray.is_initialized())
