"""How many jobs of a space there are at once, and what each asks for."""

from dataclasses import dataclass

from search.gpus import GpuUse
from search.space.sections import SLURM


@dataclass(frozen=True, slots=True)
class JobCapacity:
    """How many jobs there are at once, and the GPUs of each.

    Attributes:
        at_once: the most jobs at once, waiting ones included, at least 1.
        gpu_use: the GPUs of one job.
        cluster: ``slurm`` or ``local``.
    """

    at_once: int
    gpu_use: GpuUse
    cluster: str

    @property
    def gpus(self) -> int:
        """The GPUs of one job: 0 or 1."""
        return int(self.gpu_use.gpus)

    def __str__(self) -> str:
        """Return the GPUs of each job and where it runs, as text for the user."""
        where = "a job of Slurm" if self.cluster == SLURM else "a process of this machine"
        return f"{self.gpu_use}; each is {where}"
