"""Starting a local Ray or joining a cluster, and counting the trials that it holds."""

import contextlib
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from search.errors import RunTerminated, SearchError
from search.tune.cluster.authentication import read_authentication, variables
from search.tune.cluster.gpus import declared_gpus
from search.tune.cluster.local_ray import RuntimeEnv, local_ray

if TYPE_CHECKING:
    from search.space.sections import Resources

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
_RECOUNT_SECONDS = 5.0
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
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return  # "auto", which Ray looks up at once
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


class Slots:
    """How many trials run at once: as many as the living nodes hold, counted every few seconds.

    Args:
        resources: the resources of one trial, its GPUs as a number (``search.tune.cluster.gpus``).
        most: the most trials at once, at least 1; None sets no limit.

    Attributes:
        share: returns the GPUs that the next trial asks for; at first those of ``resources``.
    """

    def __init__(self, resources: "Resources", most: int | None = None) -> None:
        self._cpus, self._most = resources.cpus, most
        self.share: Callable[[], float] = lambda: float(resources.gpus)
        self._counted_at = -_RECOUNT_SECONDS
        self._nodes: list[dict[str, float]] = []

    def __call__(self) -> int:
        """Return the number of slots, at least 1."""
        if time.monotonic() - self._counted_at > _RECOUNT_SECONDS:
            self._nodes, self._counted_at = living_nodes(), time.monotonic()
        count = self._holds(self._nodes)
        return max(1, min(count, self._most or count))

    def fits(self) -> bool:
        """Return whether at least one trial fits on a node."""
        return self._holds(living_nodes()) > 0

    def _holds(self, nodes: list[dict[str, float]]) -> int:
        return sum(slots_of(node, self._cpus, gpus=self.share()) for node in nodes)


def living_nodes() -> list[dict[str, float]]:
    """Return the resources of each living node."""
    import ray

    nodes = ray.nodes()  # type: ignore[no-untyped-call]
    return [node["Resources"] for node in nodes if node["Alive"]]


def slots_of(node: dict[str, float], cpus: int, *, gpus: float) -> int:
    """Return how many trials a node holds.

    Trials share a GPU only if their shares add up to at most 1.

    Args:
        node: the resources of the node, as Ray names them.
        cpus: the CPUs of one trial, at least 1.
        gpus: the GPUs of one trial: 0, a share below 1, or 1.
    """
    by_cpu = int(node.get("CPU", 0) // cpus)
    if not gpus:
        return by_cpu
    present = node.get("GPU", 0)
    by_gpu = present // gpus if gpus >= 1 else present * int(1 / gpus)
    return min(by_cpu, int(by_gpu))
