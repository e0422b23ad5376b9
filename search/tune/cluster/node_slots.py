"""How many trials the nodes of a Ray hold at once."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.space.sections import Resources

_RECOUNT_SECONDS = 5.0


class Slots:
    """How many trials run at once: as many as the living nodes hold, counted every few seconds.

    Args:
        resources: the resources of one trial, its GPUs as a number (``search.gpus``).
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
