"""How many jobs of a space there are at once, and what each asks for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, in_object_store
from search.environment import usable_cpus
from search.errors import SearchError
from search.gpus import GpuUse, check_precision, gpu_use
from search.jobs.executor import check_submitit, cluster_of
from search.space.sections import AUTO_GPUS, SLURM

if TYPE_CHECKING:
    from search.space import Space

MOST_ON_SLURM = 8
"""Without ``--concurrency``, the most jobs of Slurm at once. A search learns from trials that have
ended, so many at once make it less directed."""


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


def check_launcher(space: "Space", *, folder: Place, address: str | None) -> None:
    """Check that jobs can compute a run, as far as that does not depend on the machine.

    Args:
        space: the space, whose launcher is submitit.
        folder: the folder of the run.
        address: the address of a Ray cluster, which only the launcher ray uses.

    Raises:
        SearchError: they cannot.
    """
    if address is not None:
        raise SearchError(
            f"--address {address} names a Ray cluster, but resources.launcher is submitit, which "
            "uses no Ray; leave out --address, or use --launcher ray"
        )
    if in_object_store(folder):
        raise SearchError(
            f"the run is in an object store ({folder}), but resources.launcher is submitit, whose "
            "jobs meet in the folder of the run; expected a folder that all nodes see; name one "
            "with --runs"
        )
    use = _gpu_use(space)
    check_precision(space, use)
    if 0 < use.gpus < 1:
        raise SearchError(
            f"resources.gpus is {use.gpus:g}, but a job of resources.launcher: submitit cannot "
            "share its GPU with another; expected 0, 1 or auto"
        )


def job_capacity(
    space: "Space", *, folder: Place, address: str | None, concurrency: int | None
) -> JobCapacity:
    """Return how many jobs of a space there are at once; nothing is submitted.

    Args:
        space: the space that is run.
        folder: the folder of the run.
        address: the address of a Ray cluster, which only the launcher ray uses.
        concurrency: the most jobs at once, at least 1; None for the default.

    Raises:
        SearchError: jobs cannot be submitted from here, or not for this run.
    """
    check_launcher(space, folder=folder, address=address)
    check_submitit(space)
    cluster, use = cluster_of(space), _gpu_use(space)
    if use.gpus and cluster != SLURM:
        raise SearchError(
            f"a trial asks for {use.amount} ({use.reason}), but no Slurm is used "
            "(resources.jobs.cluster), so its job is a process of this machine, which computes on "
            "the CPU only; use --launcher ray, or add --set resources.gpus=0 --set "
            "experiment.training.device=cpu"
        )
    most = MOST_ON_SLURM if cluster == SLURM else max(1, usable_cpus() // space.resources.cpus)
    return JobCapacity(most if concurrency is None else concurrency, use, cluster)


def _gpu_use(space: "Space") -> GpuUse:
    """Return the GPUs of a job. Which nodes have one is known to Slurm alone."""
    use = gpu_use(space, 0.0)
    if use.gpus or space.resources.gpus != AUTO_GPUS:
        return use
    return GpuUse(0.0, f"resources.gpus: {AUTO_GPUS}; 1 asks for a GPU")
