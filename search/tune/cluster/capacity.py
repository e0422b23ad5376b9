"""Starting or joining Ray, and how many trials of a space it holds."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.errors import SearchError
from search.gpus import GpuUse, check_precision, gpu_use, gpus_of, local_gpus
from search.tune.cluster.node_slots import Slots, living_nodes
from search.tune.cluster.session import is_started, ray_session

if TYPE_CHECKING:
    from search.space import Space


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many trials run at once, and the GPUs of each.

    Attributes:
        slots: returns how many trials run at once, at least 1.
        gpu_use: the GPUs of one trial.
    """

    slots: Slots
    gpu_use: GpuUse

    @property
    def at_once(self) -> int:
        """How many trials run at once now, at least 1."""
        return self.slots()

    def __str__(self) -> str:
        """Return the GPUs of each trial, as text for the user."""
        return str(self.gpu_use)


@contextlib.contextmanager
def ray_capacity(
    space: "Space",
    address: str | None,
    *,
    concurrency: int | None,
    environment: Mapping[str, str],
) -> Iterator[Capacity]:
    """Start Ray, or join a cluster, for the block; yield how many trials it holds.

    Args:
        space: the space that is run.
        address: the address of a cluster; None uses this machine.
        concurrency: the most trials at once, at least 1; None sets no limit.
        environment: variables that the workers of a cluster get.

    Raises:
        SearchError: Ray cannot be used, or no node holds a trial.
    """
    alone = address is None and not is_started()
    with ray_session(address, environment=environment):
        counted = gpus_of(living_nodes())
        # Ray counts this machine's GPUs also where PyTorch was installed without CUDA.
        use = gpu_use(space, min(counted, local_gpus()) if alone else counted)
        check_precision(space, use)
        slots = Slots(use.resources(space), concurrency)
        if not slots.fits():
            raise SearchError(
                f"no node holds a trial: it asks for {space.resources.cpus} CPUs and {use.amount} "
                f"({use.reason}); expected at least one node with that much; lower resources.cpus "
                "or resources.gpus, or set training.device to auto or cpu"
            )
        yield Capacity(slots, use)
