"""How many GPUs a trial uses: ``resources.gpus``; ``auto`` depends on the GPUs that are found.

The run and its estimate use the same functions, so both count the same number of parallel trials.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.errors import SearchError
from search.space.sections import AUTO_GPUS

if TYPE_CHECKING:
    from search.space import Resources, Space

DEVICE = "training.device"
PRECISION = "training.precision"
_ROUNDING = 1e-6  # 1 / 3 as 0.333333 leaves nothing unused


@dataclass(frozen=True, slots=True)
class GpuUse:
    """The GPUs of one trial.

    Attributes:
        gpus: the GPUs of one trial: 0, a share below 1, or 1.
        reason: where the number comes from, as text for the user.
    """

    gpus: float
    reason: str

    def resources(self, space: "Space") -> "Resources":
        """Return the resources of one trial of the space, its GPUs as a number."""
        return space.resources.model_copy(update={"gpus": self.gpus})

    @property
    def amount(self) -> str:
        """Return the GPUs of one trial as text: ``no GPU``, ``1 GPU``, ``0.25 of a GPU``."""
        if self.gpus == 0:
            return "no GPU"
        return "1 GPU" if self.gpus == 1 else f"{self.gpus:g} of a GPU"

    def __str__(self) -> str:
        """Return the GPUs of several trials, as ``1 GPU each (resources.gpus: auto, 2 found)``."""
        return f"{self.amount}{' each' if self.gpus else ''} ({self.reason})"


def gpu_use(space: "Space", found: float) -> GpuUse:
    """Return the GPUs of one trial of a space.

    ``auto`` is one GPU for each trial if some trial can use one. With a fixed
    ``training.device: cuda`` it is one GPU even if none is found: the run then refuses to start,
    instead of failing in every trial.

    Args:
        space: the space that is run.
        found: the number of GPUs of the machine or the cluster.
    """
    asked = space.resources.gpus
    if not isinstance(asked, str):
        return GpuUse(asked, f"resources.gpus: {asked:g}{_unused(asked)}")
    fixed, *others = _devices(space)
    if fixed.startswith("cuda"):
        return GpuUse(1.0, f"resources.gpus: {AUTO_GPUS}, {DEVICE}: {fixed}")
    if {fixed, *others} == {"cpu"}:
        return GpuUse(0.0, f"resources.gpus: {AUTO_GPUS}, {DEVICE}: cpu")
    number = f"{found:g} found" if found else "none found"
    return GpuUse(1.0 if found else 0.0, f"resources.gpus: {AUTO_GPUS}, {number}")


def check_precision(space: "Space", use: GpuUse) -> None:
    """Check that trials with these GPUs can compute in the precision of the space.

    Raises:
        SearchError: the precision is float16 and trials have no GPU: each of them would fail.
    """
    if use.gpus == 0 and space.experiment_of().training.precision == "float16":
        raise SearchError(
            f"{PRECISION} is float16, which needs a GPU, but each trial has {use}; expected auto, "
            f"float32 or bfloat16 without a GPU; add --set experiment.{PRECISION}=auto"
        )


def gpus_of(nodes: Iterable[Mapping[str, float]]) -> float:
    """Return the number of GPUs of all nodes of a cluster."""
    return sum(node.get("GPU", 0.0) for node in nodes)


def local_gpus() -> int:
    """Return how many GPUs of this machine PyTorch can use, without initialising CUDA."""
    import torch

    return torch.cuda.device_count()


def local_use(space: "Space") -> GpuUse:
    """Return what share of this machine's GPUs a trial of a space uses."""
    return gpu_use(space, local_gpus())


def declared_gpus() -> int | None:
    """Return the number of GPUs to give to a local Ray, None to let it look for them.

    Ray looks with NVML, which does not find the GPUs of WSL or of a Jetson; PyTorch does.
    """
    return local_gpus() or None


def hide_gpus() -> None:
    """Hide all GPUs from this worker; call it before PyTorch initialises CUDA."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""


def _unused(share: float) -> str:
    """Return the part of each GPU that trials with such a share leave unused, as text."""
    if not 0 < share < 1:
        return ""
    trials = int(1 / share + _ROUNDING)
    unused = 1 - trials * share
    return f", {unused:.2g} of each GPU stays unused" if unused > _ROUNDING else ""


def _devices(space: "Space") -> Iterator[str]:
    """Yield the devices that trials of the space use, the fixed one first."""
    yield space.experiment_of().training.device
    searched = space.search.parameters.get(DEVICE) if space.search is not None else None
    yield from map(str, getattr(searched, "choice", ()))
    for cells in space.ablations.values():
        yield from (str(changes[DEVICE]) for changes in cells.values() if DEVICE in changes)
