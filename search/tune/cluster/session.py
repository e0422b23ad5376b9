"""Ray: start it here or join it, and count the trials that it holds."""

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
_FAREWELL_SECONDS = 5.0


@contextlib.contextmanager
def ray_session(
    address: str | None,
    *,
    runtime_env: RuntimeEnv | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Use Ray at ``address``, or a local one of this process; leave no trace of a local one.

    A Ray that this process has started already is used as it is. ``runtime_env`` is what Ray is to
    set up in every worker process. The workers of a cluster get the variables ``environment`` as
    well; those of a local Ray have this process's own.
    """
    unset = {name: value for name, value in _ENVIRONMENT.items() if name not in os.environ}
    with variables(unset):
        import ray

        # What goes wrong is told by events and rows; Tune and Ray would word it again.
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
    """Join the cluster at ``address``; whether it asks for a token is known to its nodes."""
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
        told = _no_cluster if isinstance(error, ConnectionError) else _other_cluster
        raise told(address, error) from error
    try:
        yield
    except RunTerminated:
        # The node's processes may have got the signal as well; they are waited for no minute.
        farewell = threading.Thread(target=ray.shutdown, daemon=True)
        farewell.start()
        farewell.join(_FAREWELL_SECONDS)
        raise
    except BaseException:
        ray.shutdown()
        raise
    ray.shutdown()


def store_environment() -> dict[str, str]:
    """Return the variables by which this process reaches an object store."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def _runtime_env(given: RuntimeEnv, variables: Mapping[str, str] | None) -> RuntimeEnv:
    """Add variables to what Ray sets up in a worker; those that are given already stay."""
    if not variables:
        return given
    return {**given, "env_vars": {**variables, **given.get("env_vars", {})}}


def _check_answers(address: str) -> None:
    """Refuse an address where nobody listens: Ray itself would try for many minutes."""
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
    """Return whether this process uses a Ray already, here or elsewhere."""
    ray = sys.modules.get("ray")
    return ray is not None and bool(ray.is_initialized())


class Slots:
    """How many trials run at once: what the living nodes hold, counted anew now and then.

    Args:
        resources: of one trial, its GPUs as a number (``search.tune.cluster.gpus``).
        most: an upper limit, None for no other.

    Attributes:
        share: returns the GPUs that the next trial asks for; at first what ``resources`` say.
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
        return sum(slots_of(node, self._cpus, self.share()) for node in nodes)


def living_nodes() -> list[dict[str, float]]:
    """Return the resources of each living node."""
    import ray

    nodes = ray.nodes()  # type: ignore[no-untyped-call]
    return [node["Resources"] for node in nodes if node["Alive"]]


def slots_of(node: dict[str, float], cpus: int, gpus: float) -> int:
    """Return how many trials a node holds that take so many CPUs and GPUs each.

    Whole trials share a GPU only if their shares do not add up to more than that GPU.
    """
    by_cpu = int(node.get("CPU", 0) // cpus)
    if not gpus:
        return by_cpu
    present = node.get("GPU", 0)
    by_gpu = present // gpus if gpus >= 1 else present * int(1 / gpus)
    return min(by_cpu, int(by_gpu))
