"""The driver of jobs: submit the controller's trials, pass their reports on, until all have ended.

The driver and its jobs share nothing but a folder.
"""

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.schema import SEARCH
from search.jobs.capacity import JobCapacity
from search.jobs.earlier_jobs import write_down
from search.jobs.executor import Executor, SubmittedJob
from search.jobs.job_states import ended_jobs, loss_of
from search.jobs.mailbox import Mailbox
from search.jobs.trial_job import TrialJob
from search.space.sections import SLURM
from search.status.jobs_at_work import FOLDER
from search.trials.protocol import TrialTask

if TYPE_CHECKING:
    from search.controller.controller import Controller
    from search.space import Space

_LOOK_SECONDS = {"slurm": 2.0, "local": 0.2}
_STATE_SECONDS = {"slurm": 30.0, "local": 1.0}
_END_SECONDS = 20.0


@dataclass(slots=True)
class _Job:
    """A job that has not given its last report."""

    mailbox: Mailbox
    submitted: SubmittedJob


def run_jobs(
    space: "Space", controller: "Controller", *, folder: Path, capacity: JobCapacity
) -> None:
    """Run the controller's trials as jobs, until it has no more or closes.

    Args:
        space: the space that is run.
        controller: hands out the trials and takes their reports.
        folder: the folder of the run, which the nodes of the cluster see under the same path.
        capacity: how many jobs there are at once, and their GPUs.

    Raises:
        SearchError: the batch system or the disk of the run failed.
    """
    with _command_folder(folder / FOLDER) as own:
        executor = Executor(space, own, cluster=capacity.cluster, gpus=capacity.gpus)
        loop = _JobLoop(space, controller, executor=executor, folder=own, capacity=capacity)
        try:
            loop.run()
        finally:
            controller.close()
            loop.end_jobs()
    if controller.error is not None:
        raise controller.error


@contextlib.contextmanager
def _command_folder(jobs: Path) -> Iterator[Path]:
    """Yield a new folder for the jobs of this command, which only this user may enter."""
    jobs.mkdir(exist_ok=True)
    own = Path(tempfile.mkdtemp(dir=jobs))
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)
        with contextlib.suppress(OSError):
            jobs.rmdir()


class _JobLoop:
    """Submit trials and receive their reports.

    Args:
        space: the space that is run.
        controller: the controller of the run.
        executor: submits jobs.
        folder: the folder of this command's jobs.
        capacity: how many jobs there are at once, and their GPUs.
    """

    def __init__(
        self,
        space: "Space",
        controller: "Controller",
        *,
        executor: Executor,
        folder: Path,
        capacity: JobCapacity,
    ) -> None:
        self._space, self._controller, self._executor = space, controller, executor
        self._folder, self._capacity = folder, capacity
        self._jobs: dict[str, _Job] = {}
        self._all: dict[str, SubmittedJob] = {}
        self._submitted = 0
        self._looked = 0.0
        self._ended: frozenset[str] = frozenset()

    def run(self) -> None:
        """Run until no trial is left, or the run closes."""
        controller = self._controller
        while not controller.closing and (self._jobs or not controller.is_finished):
            with controller.guarded():
                self._submit()
                came = [self._receive(trial_id) for trial_id in list(self._jobs)]
                self._look_for_lost_ones()
                if not any(came):
                    time.sleep(_LOOK_SECONDS[self._capacity.cluster])

    def end_jobs(self) -> None:
        """Cancel the jobs that are left, and wait a while until all have ended."""
        left = list(self._jobs.values())
        for job in left:
            job.mailbox.stop()
            with contextlib.suppress(Exception):  # it may have ended, or the system may not answer
                job.submitted.cancel(check=False)
        until = time.monotonic() + _END_SECONDS
        while time.monotonic() < until and (
            any(job.mailbox.is_at_work for job in left) or self._leaving()
        ):
            time.sleep(0.1)

    def _leaving(self) -> bool:
        """Return whether a process of this machine has still to end, its last report given."""
        if self._capacity.cluster == SLURM:
            return False
        return len(ended_jobs(self._capacity.cluster, self._all)) < len(self._all)

    def _submit(self) -> None:
        """Submit as many trials as may start, together: Slurm gets them as one array."""
        handed: dict[str, TrialJob] = {}
        while len(self._jobs) + len(handed) < self._capacity.at_once:
            trial_id = str(self._submitted + len(handed) + 1)
            task = self._controller.hand_out(trial_id)
            if task is None:
                break
            handed[trial_id] = self._job_of(trial_id, task)
        if not handed:
            return
        self._submitted += len(handed)
        submitted = self._executor.submit(list(handed.values()))
        write_down(self._folder, [job.job_id for job in submitted], cluster=self._capacity.cluster)
        for trial_id, job in zip(handed, submitted, strict=True):
            self._jobs[trial_id] = _Job(self._mailbox(trial_id), job)
            self._all[trial_id] = job

    def _job_of(self, trial_id: str, task: TrialTask) -> TrialJob:
        mailbox = self._mailbox(trial_id)
        mailbox.open()
        return TrialJob(
            json.dumps(asdict(task)),
            str(mailbox.folder.absolute()),
            minutes=self._space.resources.jobs.minutes,
            uses_gpu=self._capacity.gpus > 0,
            waits=self._controller.trials[trial_id].role.phase == SEARCH,
        )

    def _mailbox(self, trial_id: str) -> Mailbox:
        return Mailbox(self._folder / trial_id)

    def _receive(self, trial_id: str) -> bool:
        """Pass the new reports of a job on; return whether there were any."""
        job, came = self._jobs[trial_id], False
        for name, sent in job.mailbox.take():
            came = True
            if self._controller.receive(trial_id, sent.report, node=sent.node):
                job.mailbox.stop()
                del self._jobs[trial_id]
                break
            job.mailbox.answer(name)
        return came

    def _look_for_lost_ones(self) -> None:
        """Ask now and then which jobs have ended, and pass on those that gave no last report.

        A file of another node may come some seconds later, so a job counts once it is seen twice.
        """
        if time.monotonic() - self._looked < _STATE_SECONDS[self._capacity.cluster]:
            return
        self._looked = time.monotonic()
        jobs = {trial_id: job.submitted for trial_id, job in self._jobs.items()}
        ended = ended_jobs(self._capacity.cluster, jobs)
        for trial_id in ended.keys() & self._ended:
            self._receive(trial_id)
            if trial_id in self._jobs:
                job = self._jobs.pop(trial_id)
                job.mailbox.stop()
                job.submitted.cancel(check=False)  # Slurm may have queued it again by itself
                failure = loss_of(job.submitted, ended[trial_id])
                self._controller.receive_loss(trial_id, failure)
        self._ended = frozenset(ended)
