"""How many trials this machine runs at once, known before Ray has started."""

from typing import TYPE_CHECKING

from search.environment import usable_cpus
from search.tune.cluster import slots_of

if TYPE_CHECKING:
    from search.space.sections import Resources


def local_slots(resources: "Resources", most: int | None) -> int:
    """Return how many trials this machine runs at once, at least 1 and at most ``most``."""
    gpus = 0
    if resources.gpus:
        import torch

        gpus = torch.cuda.device_count()
    slots = slots_of({"CPU": usable_cpus(), "GPU": gpus}, resources.cpus, resources.gpus)
    return max(1, min(slots, most or slots))
