"""``resources.launcher: submitit``: each trial is a job of a batch system."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from reports.ledger.places.storage import in_object_store
from search.controller.launcher import Expected, Launcher, Workers
from search.environment import usable_cpus
from search.errors import SearchError
from search.gpus import GpuUse, check_precision, gpu_use
from search.jobs.capacity import JobCapacity
from search.jobs.executor import check_submitit, cluster_of
from search.jobs.job_loop import run_jobs
from search.space.sections import AUTO_GPUS, SLURM

MOST_ON_SLURM = 8
"""Without ``--concurrency``, the most jobs of Slurm at once. A search learns from trials that have
ended, so many at the same time give it less to learn from."""
START_SECONDS = 15.0


class JobLauncher(Launcher):
    """Submits a job for each trial. It takes no address."""

    where = "jobs"
    starts_nothing = True

    def check(self) -> None:
        """Check the options, the folder, the GPUs and the precision; Slurm is not asked.

        Raises:
            SearchError: jobs cannot compute the run.
        """
        if self.address is not None:
            raise SearchError(
                f"--address {self.address} names a Ray cluster, but resources.launcher is "
                "submitit, which uses no Ray; leave out --address, or use --launcher ray"
            )
        if in_object_store(self.folder):
            raise SearchError(
                f"the run is in an object store ({self.folder}), but resources.launcher is "
                "submitit, whose jobs share the folder of the run; expected a folder that all "
                "nodes see; name one with --runs"
            )
        use = self._gpu_use()
        check_precision(self.space, use)
        if 0 < use.gpus < 1:
            raise SearchError(
                f"resources.gpus is {use.gpus:g}, but a job of resources.launcher: submitit cannot "
                "share its GPU with another; expected 0, 1 or auto"
            )

    def capacity(self) -> JobCapacity:
        """Return how many jobs there are at once; nothing is submitted.

        Raises:
            SearchError: jobs cannot be submitted from here, or not for this run.
        """
        self.check()
        check_submitit(self.space)
        cluster, use = cluster_of(self.space), self._gpu_use()
        if use.gpus and cluster != SLURM:
            raise SearchError(
                f"a trial asks for {use.amount} ({use.reason}), but no Slurm is used "
                "(resources.jobs.cluster), so its job is a process of this machine, which computes "
                "on the CPU only; use --launcher ray, or add --set resources.gpus=0 --set "
                "experiment.training.device=cpu"
            )
        return JobCapacity(self._most(cluster), use, cluster)

    def expected(self) -> Expected:
        """Return the most jobs at once, as if all started when they are submitted."""
        cluster = cluster_of(self.space)
        is_slurm = cluster == SLURM
        return Expected(
            at_once=self._most(cluster),
            gpu_use=self._gpu_use(),
            start_seconds=START_SECONDS,
            where="as jobs, if Slurm lets none of them wait" if is_slurm else "on this machine",
            is_elsewhere=is_slurm,
        )

    @contextlib.contextmanager
    def start(self) -> Iterator[Workers]:
        """Check that jobs can be submitted; nothing is submitted yet.

        Raises:
            SearchError: jobs cannot be submitted from here, or not for this run.
        """
        capacity = self.capacity()
        folder = Path(str(self.folder))  # no store: see check
        yield Workers(
            at_once=lambda: capacity.at_once,
            gpus=str(capacity),
            compute=lambda controller: run_jobs(
                self.space, controller, folder=folder, capacity=capacity
            ),
        )

    def _most(self, cluster: str) -> int:
        if self.concurrency is not None:
            return self.concurrency
        return (
            MOST_ON_SLURM
            if cluster == SLURM
            else max(1, usable_cpus() // self.space.resources.cpus)
        )

    def _gpu_use(self) -> GpuUse:
        """Return the GPUs of a job. Which nodes have one is known to Slurm alone."""
        use = gpu_use(self.space, 0.0)
        if use.gpus or self.space.resources.gpus != AUTO_GPUS:
            return use
        return GpuUse(0.0, f"resources.gpus: {AUTO_GPUS}; 1 asks for a GPU")
