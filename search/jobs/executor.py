"""Submitting jobs with submitit: to Slurm, or as processes of this machine."""

import contextlib
import importlib.util
import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from search.errors import SearchError
from search.space.sections import SLURM

if TYPE_CHECKING:
    from submitit import AutoExecutor

    from search.jobs.trial_job import TrialJob
    from search.space import Space

_SECONDS_TO_REQUEUE = 120
"""How many seconds before the time limit of a job Slurm sends the signal to queue it again."""
_MOST_REQUEUES = 1000  # one without a new epoch ends the trial (``TrialJob.checkpoint``)


class SubmittedJob(Protocol):
    """A job as submitit has it, as far as it is used here."""

    @property
    def job_id(self) -> str:
        """Return the id of the batch system."""

    @property
    def state(self) -> str:
        """Return the state; that of Slurm is not asked here (``search.jobs.job_states``)."""

    def cancel(self, check: bool = True) -> None:
        """Cancel the job; ``check`` raises where that fails."""

    def stderr(self) -> str | None:
        """Return what the job has written to its standard error, None for no file."""


class Executor:
    """Submit jobs of a space.

    Args:
        space: the space.
        folder: the folder of a command's jobs, which all nodes see.
        cluster: ``slurm`` or ``local``.
        gpus: the GPUs of each job: 0 or 1.

    Raises:
        SearchError: the batch system is not there, or refuses an option.
    """

    def __init__(self, space: "Space", folder: Path, *, cluster: str, gpus: int) -> None:
        self._cluster = cluster
        self._executor = _executor(space, folder, cluster=cluster, gpus=gpus)

    def submit(self, jobs: "Sequence[TrialJob]") -> Sequence[SubmittedJob]:
        """Submit jobs, several as an array; return them as submitit has them.

        Raises:
            SearchError: the batch system refuses them.
        """
        from submitit.core.utils import FailedJobError

        try:
            with self._executor.batch() if len(jobs) > 1 else contextlib.nullcontext():
                submitted = [self._executor.submit(job) for job in jobs]
        except (FailedJobError, subprocess.CalledProcessError, OSError) as error:
            said = " ".join(str(error).split())
            raise SearchError(
                f"{self._cluster} refuses a job: {said}; expected the options of resources.jobs to "
                "suit the cluster; change them, and run the same command again"
            ) from error
        return submitted


def check_submitit(space: "Space") -> None:
    """Check that jobs can be submitted from here.

    Raises:
        SearchError: submitit is not installed, or there is no Slurm.
    """
    if importlib.util.find_spec("submitit") is None:
        raise SearchError(
            "resources.launcher is submitit, which is not installed; pip install "
            "'sugrm-search[slurm]', or set resources.launcher to ray"
        )
    if space.resources.jobs.cluster == SLURM and not has_slurm():
        raise SearchError(
            "resources.jobs.cluster is slurm, but srun is not on this machine; expected a login "
            "node of a Slurm cluster; start the run there, or set resources.jobs.cluster to local"
        )


def has_slurm() -> bool:
    """Return whether this machine can submit jobs to Slurm."""
    return shutil.which("srun") is not None


def cluster_of(space: "Space") -> str:
    """Return where the jobs of a space run: ``slurm`` or ``local``."""
    asked = space.resources.jobs.cluster
    if asked != "auto":
        return asked
    return SLURM if has_slurm() else "local"


def cancel_by_id(cluster: str, job_ids: Sequence[str], *, folder: Path) -> None:
    """Cancel jobs of an earlier command; those that have ended are left alone."""
    if cluster == SLURM and has_slurm():
        subprocess.run(["scancel", *job_ids], check=False, capture_output=True)
    elif cluster == "local":
        for pid in filter(str.isdigit, job_ids):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if "submitit.local._local" in words and str(folder) in words:
                    os.kill(int(pid), signal.SIGINT)  # as submitit itself cancels


def _executor(space: "Space", folder: Path, *, cluster: str, gpus: int) -> "AutoExecutor":
    import submitit

    logging.getLogger("submitit").setLevel(logging.ERROR)  # its lines would break the view
    resources, jobs = space.resources, space.resources.jobs
    is_slurm = cluster == SLURM
    more = {"slurm_max_num_timeout" if is_slurm else "local_max_num_timeout": _MOST_REQUEUES}
    executor = submitit.AutoExecutor(folder=folder, cluster=cluster, **more)
    parameters: dict[str, object] = {
        "name": space.name,
        "timeout_min": jobs.minutes,
        "cpus_per_task": resources.cpus,
        "gpus_per_node": gpus or None,
        "tasks_per_node": 1,
        "nodes": 1,
    }
    if jobs.memory_gib is not None:
        parameters["mem_gb"] = jobs.memory_gib
    if is_slurm:
        parameters["slurm_signal_delay_s"] = _SECONDS_TO_REQUEUE
        parameters["slurm_additional_parameters"] = dict(jobs.slurm)
    try:
        executor.update_parameters(**parameters)
    except (ValueError, NameError, AssertionError) as error:
        raise SearchError(f"resources.jobs: {' '.join(str(error).split())}") from error
    return executor
