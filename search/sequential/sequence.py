"""The driver of a sequence: compute the controller's trials here, one after another.

A debugger and a profiler reach the code of a trial. A trial that ends its process ends the command;
the same command goes on from the last checkpoint.
"""

import bdb
import gc
import json
import os
import pdb
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from search.controller.interruption import INTERRUPTED
from search.errors import SearchError
from search.sequential.own_process import SequentialCapacity
from search.worker.node_plugins import forget_plugins
from search.worker.process import free_gpu_memory
from search.worker.time_limit import is_importing
from search.worker.trial import TrialSteps

if TYPE_CHECKING:
    from search.controller.controller import Controller
    from search.trials.protocol import Report, TrialTask

_GPUS = "CUDA_VISIBLE_DEVICES"
_SMALL_SECONDS = 2.0
"""After a shorter trial Python collects its garbage by itself: a search of it all takes longer."""
_LEFT = "the debugger was left, so the run stops; the same command continues the trial"


class Sequence:
    """Compute the trials of a controller one after another.

    Args:
        capacity: the GPUs of a trial.
    """

    def __init__(self, capacity: SequentialCapacity) -> None:
        self._capacity = capacity
        self._is_computing = False

    def run(self, controller: "Controller") -> None:
        """Run until no trial is left, or the run closes.

        Args:
            controller: hands out the trials and takes their reports.

        Raises:
            SearchError: the disk of the run failed.
        """
        number = 0
        forget_plugins()
        try:
            while not (controller.closing or controller.is_finished):
                number += 1
                with controller.guarded():
                    task = controller.hand_out(str(number))
                    if task is not None:
                        self._compute(str(number), task, controller=controller)
        except _BrokenOffError as error:
            controller.interrupt(str(error))
        finally:
            controller.close()
            gc.collect()
            free_gpu_memory()
        if controller.error is not None:
            raise controller.error

    def break_off(self) -> None:
        """Leave the epoch that is being computed; the handler of a signal calls this.

        Nothing is left half way where a report is being recorded or a module imported; the run
        then closes after the epoch.
        """
        if self._is_computing and not is_importing(sys._getframe(1)):
            raise _BrokenOffError(INTERRUPTED)

    def _compute(self, trial_id: str, task: "TrialTask", *, controller: "Controller") -> None:
        steps = _Steps(uses_gpu=self._capacity.gpu_use.gpus > 0)
        steps.begin(json.dumps(asdict(_without_limit(task, on_cpu=self._capacity.hides_gpus))))
        is_over, started = False, time.monotonic()
        while not (is_over or controller.closing):
            self._is_computing = True
            try:
                report, _ = steps.advance()
            finally:
                self._is_computing = False
            if controller.error is not None:  # the run's folder is no longer its own
                return
            is_over = controller.receive(trial_id, report, node=socket.gethostname())
        del steps
        if time.monotonic() - started > _SMALL_SECONDS:
            gc.collect()
        free_gpu_memory()


class _BrokenOffError(BaseException):
    """The run was interrupted in the middle of an epoch."""


class _Steps(TrialSteps):
    """A trial in this process, which its code may try to end.

    Args:
        uses_gpu: whether the trial has a GPU.
    """

    def __init__(self, *, uses_gpu: bool) -> None:
        self._uses_gpu = uses_gpu

    def place(self) -> Mapping[str, str | None]:
        """Return the GPUs that the trial sees."""
        return {"gpus": (os.environ.get(_GPUS) or "0") if self._uses_gpu else None}

    def _next_report(self) -> "Report":
        try:
            return super()._next_report()
        except bdb.BdbQuit as error:
            raise _BrokenOffError(_LEFT) from error
        except SystemExit as error:
            if _comes_from_a_debugger(error):  # from Python 3.14 on, ``quit`` raises it
                raise _BrokenOffError(_LEFT) from error
            raise SearchError(
                f"the code of the trial called sys.exit({error.code!r}); expected that it returns "
                "or raises an exception; remove the call"
            ) from error


def _comes_from_a_debugger(error: BaseException) -> bool:
    files = {bdb.__file__, pdb.__file__}
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_filename in files for frame, _ in frames)


def _without_limit(task: "TrialTask", *, on_cpu: bool) -> "TrialTask":
    """Return a task without a time limit, and without the GPUs of this machine.

    The time at the prompt of a debugger would count, and the watchdog of a trial that hangs would
    end the process of the user. GPUs that PyTorch has seen cannot be hidden from it any more.
    """
    config = json.loads(task.config)
    if on_cpu and config["training"]["device"] == "auto":
        config["training"]["device"] = "cpu"
    return replace(task, timeout_seconds=None, config=json.dumps(config) if on_cpu else task.config)
