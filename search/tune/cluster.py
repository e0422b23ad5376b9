"""Ray: start it here or join it, and count the trials that it holds."""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from search.environment import usable_cpus
from search.errors import SearchError

if TYPE_CHECKING:
    from search.space.sections import Resources

_ENVIRONMENT = {
    "RAY_AUTH_MODE": "disabled",  # else Ray writes a token into the home folder
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


@contextlib.contextmanager
def ray_session(
    address: str | None, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Use Ray at ``address``, or a local one of this process; leave no trace of a local one.

    A Ray that this process has started already is used as it is. The workers of a cluster get
    ``environment``; those of a local Ray have this process's own.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import ray

    # What goes wrong is told by events and rows; Tune would word it a second time.
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    if ray.is_initialized():
        yield
        return
    if address is not None:
        _check_answers(address)
    try:
        ray.init(
            address=address or "local",
            runtime_env={"env_vars": dict(environment)} if address and environment else None,
            num_cpus=None if address else usable_cpus(),
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except ConnectionError as error:
        if address is None:
            raise
        raise _no_cluster(address, error) from error
    try:
        yield
    finally:
        ray.shutdown()


def store_environment() -> dict[str, str]:
    """Return the variables by which this process reaches an object store."""
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


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
        "HOST:PORT of a running one (ray start --head prints it); without --address this "
        "machine alone is used"
    )


class Slots:
    """How many trials run at once: what the living nodes hold, counted anew now and then.

    Args:
        resources: of one trial.
        most: an upper limit, None for no other.
    """

    def __init__(self, resources: "Resources", most: int | None = None) -> None:
        self._resources, self._most = resources, most
        self._counted_at = -_RECOUNT_SECONDS
        self._count = 0

    def __call__(self) -> int:
        """Return the number of slots, at least 1."""
        if time.monotonic() - self._counted_at > _RECOUNT_SECONDS:
            self._count, self._counted_at = self._holds(), time.monotonic()
        return max(1, min(self._count, self._most or self._count))

    def fits(self) -> bool:
        """Return whether at least one trial fits on a node."""
        return self._holds() > 0

    def _holds(self) -> int:
        import ray

        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        alive = [node["Resources"] for node in nodes if node["Alive"]]
        return sum(slots_of(resources, self._resources) for resources in alive)


def slots_of(node: dict[str, float], resources: "Resources") -> int:
    """Return how many trials a node holds.

    Whole trials share a GPU only if their shares do not add up to more than that GPU.
    """
    by_cpu = int(node.get("CPU", 0) // resources.cpus)
    if not resources.gpus:
        return by_cpu
    gpus = node.get("GPU", 0)
    by_gpu = gpus // resources.gpus if resources.gpus >= 1 else gpus * int(1 / resources.gpus)
    return min(by_cpu, int(by_gpu))
