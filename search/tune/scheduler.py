"""Ray Tune's scheduler and stopper for a run: they pass reports on to the controller.

Trials start in the order in which the controller hands them out. The controller decides which trial
of the search stops early.
"""

import math
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import ray.cloudpickle
from ray.exceptions import ActorUnavailableError
from ray.tune import Stopper
from ray.tune.schedulers import FIFOScheduler, TrialScheduler

from search.trials.protocol import CRASH, LOST_NODE, OOM, TIMEOUT, Failure
from search.tune.ray_errors import WorkerLostError
from search.tune.trainable import REPORT, StepResult

if TYPE_CHECKING:
    from ray.tune.experiment import Trial

    from search.controller.controller import Controller


class PlanScheduler(FIFOScheduler):
    """Pass each worker's report to the controller, and stop the trials that it stops.

    Args:
        controller: the controller of the run.
        timeout_minutes: the most minutes of one trial, above 0; None sets no limit.
    """

    def __init__(self, controller: "Controller", timeout_minutes: float | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._controller = controller
        self._timeout_seconds = math.inf if timeout_minutes is None else timeout_minutes * 60

    def choose_trial_to_run(self, tune_controller: object) -> None:
        """Choose none: Tune then starts the trials in their order.

        A trial that is chosen while its worker starts moves to one that has become free, and the
        start is given up: trials shorter than a start of seconds would all run on one worker. FIFO
        would also read all trials of the run at every event.
        """

    def on_trial_result(self, controller: object, trial: "Trial", result: StepResult) -> str:
        """Pass the report of an epoch on; return STOP if the trial should stop."""
        stops = self._pass_on(trial, result)
        return str(TrialScheduler.STOP if stops else TrialScheduler.CONTINUE)

    def on_trial_complete(self, controller: object, trial: "Trial", result: StepResult) -> None:
        """Pass the last report of a trial on, then drop it: Tune keeps last results for ever."""
        self._pass_on(trial, result)
        trial.run_metadata.last_result.pop(REPORT, None)

    def on_trial_error(self, controller: object, trial: "Trial") -> None:
        """Pass on that the worker of a trial was lost."""
        with self._controller.guarded():
            started = trial.run_metadata.start_time
            seconds = 0.0 if started is None else time.time() - started
            failure = lost_worker(
                _last_error(trial), seconds, timeout_seconds=self._timeout_seconds
            )
            self._controller.receive_loss(trial.trial_id, failure)

    def _pass_on(self, trial: "Trial", result: StepResult) -> bool:
        with self._controller.guarded():
            report = result.get(REPORT)
            if report is not None:
                return self._controller.receive(trial.trial_id, report, node=result.get("hostname"))
        return False

    def __getstate__(self) -> dict[str, object]:
        """Return no state, for the snapshot that Tune makes of itself."""
        return {}


class ClosingStopper(Stopper):
    """Stop every trial once the controller is closing.

    Args:
        controller: the controller of the run.
    """

    def __init__(self, controller: "Controller") -> None:
        self._controller = controller

    def __call__(self, trial_id: str, result: Mapping[str, object]) -> bool:
        """Return False: the scheduler stops single trials."""
        return False

    def stop_all(self) -> bool:
        """Return whether the run is closing."""
        return self._controller.closing

    def __getstate__(self) -> dict[str, object]:
        """Return no state, for the snapshot that Tune makes of itself."""
        return {}

    def __deepcopy__(self, memo: object) -> "ClosingStopper":
        """Return itself: Tune copies the specification of every trial."""
        return self


def _last_error(trial: "Trial") -> BaseException | None:
    """Return the error that Tune has just written to its own files on this machine."""
    try:
        error: BaseException = ray.cloudpickle.loads(Path(trial.pickled_error_file).read_bytes())
    except (OSError, TypeError):
        return None
    return error


_COLOUR = re.compile("\x1b\\[[0-9;]*m")  # Ray writes the names of actors in colour
_ERROR = re.compile(r"[\w.]+(Error|Exception|Interrupt|Exit)\b")  # the last line of a traceback


def lost_worker(error: BaseException | None, seconds: float, *, timeout_seconds: float) -> Failure:
    """Return the failure of a trial whose worker died or cannot be reached any more.

    Args:
        error: Ray's error for it, None if there is none.
        seconds: the time since the trial started.
        timeout_seconds: the time after which the watchdog ends a worker that hangs.
    """
    text = _COLOUR.sub("", str(error or "")).strip() or "no message"
    message, *_ = lines = text.splitlines()
    if "raised in its creation task" in message:  # a traceback follows
        message = next(filter(_ERROR.match, reversed(lines)), lines[-1])
        message = f"it could not start: {message}"
    if seconds > timeout_seconds:
        message = f"no epoch ended within the {timeout_seconds / 60:g} minutes of a trial"
        return Failure(kind=TIMEOUT, message=message, traceback=text)
    return Failure(kind=_kind(error), message=message, traceback=text)


def _kind(error: BaseException | None) -> str:
    if isinstance(error, WorkerLostError):
        return OOM if error.out_of_memory else LOST_NODE
    gone = isinstance(error, ActorUnavailableError) or "node has died" in str(error)
    return LOST_NODE if gone else CRASH
