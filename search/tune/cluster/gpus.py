"""How many GPUs a trial takes: ``resources.gpus``, where ``auto`` depends on what is there.

The run and its estimate ask the same functions, so that both count the same trials at once.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.space.sections import AUTO_GPUS

if TYPE_CHECKING:
    from search.space import Resources, Space

DEVICE = "training.device"


@dataclass(frozen=True, slots=True)
class GpuUse:
    """What a trial takes of a GPU.

    Attributes:
        gpus: of one trial: 0, a share below 1, or 1.
        reason: where the number comes from, for people.
    """

    gpus: float
    reason: str

    def resources(self, space: "Space") -> "Resources":
        """Return what one trial of the space takes, its GPUs as a number."""
        return space.resources.model_copy(update={"gpus": self.gpus})

    @property
    def amount(self) -> str:
        """Return what one trial takes, in words: ``no GPU``, ``1 GPU``, ``0.25 of a GPU``."""
        if self.gpus == 0:
            return "no GPU"
        return "1 GPU" if self.gpus == 1 else f"{self.gpus:g} of a GPU"

    def __str__(self) -> str:
        """Return the use of several trials, as ``1 GPU each (resources.gpus: auto, 2 found)``."""
        return f"{self.amount}{' each' if self.gpus else ''} ({self.reason})"


def gpu_use(space: "Space", found: float) -> GpuUse:
    """Return what a trial of ``space`` takes where there are ``found`` GPUs.

    ``auto`` is one GPU a trial where a trial may compute on one. A fixed ``training.device: cuda``
    asks for one that is not there, too: the run then says so and does not let every trial fail.
    """
    asked = space.resources.gpus
    if not isinstance(asked, str):
        return GpuUse(asked, f"resources.gpus: {asked:g}")
    fixed, *others = _devices(space)
    if fixed.startswith("cuda"):
        return GpuUse(1.0, f"resources.gpus: {AUTO_GPUS}, {DEVICE}: {fixed}")
    if {fixed, *others} == {"cpu"}:
        return GpuUse(0.0, f"resources.gpus: {AUTO_GPUS}, {DEVICE}: cpu")
    number = f"{found:g} found" if found else "none found"
    return GpuUse(1.0 if found else 0.0, f"resources.gpus: {AUTO_GPUS}, {number}")


def gpus_of(nodes: Iterable[Mapping[str, float]]) -> float:
    """Return the GPUs of the nodes of a cluster together."""
    return sum(node.get("GPU", 0.0) for node in nodes)


def local_gpus() -> int:
    """Return how many GPUs of this machine PyTorch can use; CUDA is not initialised for it."""
    import torch

    return torch.cuda.device_count()


def declared_gpus() -> int | None:
    """Return the GPUs that a local Ray is told of, or None to let it look for them.

    Ray looks with NVML, which knows nothing of those of WSL or of a Jetson; PyTorch does.
    """
    return local_gpus() or None


def hide_gpus() -> None:
    """Keep this worker from using a GPU; call it before PyTorch has initialised CUDA."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""


def _devices(space: "Space") -> Iterator[str]:
    """Yield the devices that trials are told to use, the fixed one first."""
    yield space.resolve().training.device
    searched = space.search.parameters.get(DEVICE) if space.search is not None else None
    yield from map(str, getattr(searched, "choice", ()))
    for cells in space.ablations.values():
        yield from (str(changes[DEVICE]) for changes in cells.values() if DEVICE in changes)
