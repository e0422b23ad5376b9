"""What a job of the batch system computes: one trial."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from search.gpus import hide_gpus
from search.jobs.mailbox import Mailbox
from search.trials.protocol import TIMEOUT, Failure, Report
from search.worker.trial import TrialSteps

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission

_ANSWER_SECONDS = 900.0
"""How long a job waits for an answer; without a driver none comes."""
_LOOK_SECONDS = 0.2
_LONG = 0.5
"""The share of the time of a job after which it is interrupted for its time, not to make room."""


class TrialJob:
    """Compute a trial and give its reports to the driver.

    Before the time of its job is over, or when the job has to make room, the batch system queues
    it again (``checkpoint``, which submitit calls), and it goes on from the trial's checkpoint.

    Args:
        task: the values of a ``TrialTask`` as JSON.
        mailbox: the folder of the job's mailbox.
        minutes: the time of the job.
        uses_gpu: whether the trial may use the GPU of its job.
        waits: whether the driver may stop the trial early, so that each epoch waits for its answer.
    """

    def __init__(
        self, task: str, mailbox: str, *, minutes: int, uses_gpu: bool, waits: bool
    ) -> None:
        self._task, self._folder, self._minutes = task, mailbox, minutes
        self._uses_gpu, self._waits = uses_gpu, waits
        self._steps = _Steps()
        self._started = 0.0

    def __call__(self) -> None:
        """Compute the trial to its end, or until the driver stops it."""
        self._started = time.monotonic()
        mailbox = Mailbox(Path(self._folder))
        with mailbox.at_work() as is_held:
            if is_held:
                self._compute(mailbox)

    def checkpoint(self) -> "DelayedSubmission | None":
        """Return what the batch system queues again; None if that would end in the same way."""
        from submitit.helpers import DelayedSubmission

        minutes = (time.monotonic() - self._started) / 60
        if minutes > self._minutes * _LONG and not self._steps.computed:
            message = (
                f"no epoch ended within the {self._minutes} minutes of a job; raise "
                "resources.jobs.minutes"
            )
            failure = Failure(kind=TIMEOUT, message=message, traceback=message)
            Mailbox(Path(self._folder)).put(Report(failure=failure))
            return None
        again = TrialJob(
            self._task,
            self._folder,
            minutes=self._minutes,
            uses_gpu=self._uses_gpu,
            waits=self._waits,
        )
        return DelayedSubmission(again)

    def _compute(self, mailbox: Mailbox) -> None:
        if not self._uses_gpu:
            hide_gpus()
        self._steps.begin(self._task)
        done = False
        while not (done or mailbox.is_stopped):
            report, done = self._steps.advance()
            name = mailbox.put(report)
            if self._waits and not done:
                _wait(mailbox, name)


class _Steps(TrialSteps):
    def place(self) -> Mapping[str, str | None]:
        """Return the GPU of the job."""
        return {"gpus": os.environ.get("CUDA_VISIBLE_DEVICES") or None}


def _wait(mailbox: Mailbox, name: str) -> None:
    """Wait until the driver has answered a report.

    Raises:
        TimeoutError: no answer came.
    """
    until = time.monotonic() + _ANSWER_SECONDS
    while not (mailbox.is_answered(name) or mailbox.is_stopped):
        if time.monotonic() > until:
            raise TimeoutError(f"no answer to {name} within {_ANSWER_SECONDS / 60:g} minutes")
        time.sleep(_LOOK_SECONDS)
