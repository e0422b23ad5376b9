"""The node of the driver, which a worker asks through Ray."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ray.remote_function import RemoteFunction

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class RayHome:
    """The driver's node in a Ray cluster (``search.worker.home.Home``).

    Attributes:
        node: Ray's id of the node.
    """

    node: str

    def ask(self, function: Callable[..., _Answer], *arguments: object) -> _Answer:
        """Return what a function returns there; it needs no free CPU."""
        import ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(self.node, soft=False)
        called = _remote(function).options(num_cpus=0, scheduling_strategy=there)
        answer: _Answer = ray.get(called.remote(*arguments))
        return answer


@cache
def _remote(function: Callable[..., object]) -> "RemoteFunction":
    import ray

    remote: RemoteFunction = ray.remote(function)
    return remote
