"""Which jobs have ended, and why.

Slurm is asked with ``squeue``: ``sacct``, which submitit asks, needs a data base that a cluster may
not have.
"""

import subprocess
from collections.abc import Mapping

from search.jobs.executor import SubmittedJob
from search.space.sections import SLURM
from search.trials.protocol import CRASH, LOST_NODE, OOM, TIMEOUT, Failure

GONE = "GONE"
"""The state of a job that Slurm no longer lists: it has ended some minutes ago."""
_KINDS = {
    "OUT_OF_MEMORY": OOM,
    "TIMEOUT": TIMEOUT,
    "DEADLINE": TIMEOUT,
    "NODE_FAIL": LOST_NODE,
    "BOOT_FAIL": LOST_NODE,
    "PREEMPTED": LOST_NODE,
    "CANCELLED": LOST_NODE,
}
_ENDED = frozenset({*_KINDS, "COMPLETED", "FAILED", "REVOKED", GONE})
_ANSWER_SECONDS = 60.0
_LAST_LINES = 40


def ended_jobs(cluster: str, jobs: Mapping[str, SubmittedJob]) -> dict[str, str]:
    """Return the state of each job that has ended, by the same names.

    Args:
        cluster: ``slurm`` or ``local``.
        jobs: the jobs, by any names.
    """
    if cluster != SLURM:
        return {name: job.state for name, job in jobs.items() if job.state != "RUNNING"}
    listed = _listed()
    if listed is None:  # the controller does not answer now
        return {}
    states = {name: listed.get(job.job_id, GONE) for name, job in jobs.items()}
    return {name: state for name, state in states.items() if state in _ENDED}


def loss_of(job: SubmittedJob, state: str) -> Failure:
    """Return the failure of a trial whose job has ended without its last report."""
    lines = (job.stderr() or "").strip().splitlines()[-_LAST_LINES:]
    message = f"job {job.job_id} ended as {state}" + (f": {lines[-1]}" if lines else "")
    return Failure(
        kind=_KINDS.get(state, CRASH), message=message, traceback="\n".join(lines) or message
    )


def _listed() -> dict[str, str] | None:
    """Return the state of this user's jobs by id, None where Slurm does not answer."""
    command = ["squeue", "--me", "--states=all", "--array", "--noheader", "--format=%i|%T"]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=_ANSWER_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = (line.strip().partition("|") for line in done.stdout.splitlines())
    return {job_id: state for job_id, _, state in lines}
