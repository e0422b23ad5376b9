"""How many trials this machine runs at once, known before Ray has started."""

from typing import TYPE_CHECKING

from search.environment import usable_cpus
from search.gpus import GpuUse, gpu_use, local_gpus
from search.space.sections import SEQUENTIAL
from search.tune.cluster.node_slots import slots_of

if TYPE_CHECKING:
    from search.space import Space


def local_use(space: "Space") -> GpuUse:
    """Return what share of this machine's GPUs a trial uses."""
    return gpu_use(space, local_gpus())


def local_slots(space: "Space", most: int | None) -> int:
    """Return how many trials this machine runs at once, at least 1 and at most ``most``."""
    if space.resources.launcher == SEQUENTIAL:
        return 1
    node: dict[str, float] = {"CPU": usable_cpus(), "GPU": local_gpus()}
    slots = slots_of(node, space.resources.cpus, gpus=local_use(space).gpus)
    return max(1, min(slots, most or slots))
