"""The process of the command as the one worker of a run."""

import contextlib
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from search.errors import SearchError
from search.gpus import GpuUse

_THREADS, _BREAKPOINT = "OMP_NUM_THREADS", "PYTHONBREAKPOINT"
_IN_USE = threading.Lock()
"""Held by the run that computes here: random states and threads belong to the whole process."""


@dataclass(frozen=True, slots=True)
class SequentialCapacity:
    """One trial at a time, and its GPU.

    Attributes:
        gpu_use: the GPUs of a trial.
        hides_gpus: whether this machine has GPUs that a trial must not use.
        drops_limit: whether the space has a time limit, which is not applied here.
    """

    gpu_use: GpuUse
    hides_gpus: bool
    drops_limit: bool

    def __str__(self) -> str:
        """Return the GPUs of a trial and where it runs, as text for the user."""
        shown = f"{self.gpu_use}; in this process"
        if self.drops_limit:
            shown += ", no time limit (resources.timeout_minutes is not applied)"
        return shown


@contextlib.contextmanager
def own_process(cpus: int) -> Iterator[None]:
    """Compute the trials of one run in this process for the block, with so many threads.

    Threads and random states are afterwards what they were.

    Raises:
        SearchError: another run is computed in this process.
    """
    if not _IN_USE.acquire(blocking=False):
        raise SearchError(
            "another run with resources.launcher: sequential computes in this process; expected "
            "one at a time, since they share random states; wait for its end, or start this one "
            "in a process of its own"
        )
    try:
        with _like_a_worker(cpus):
            yield
    finally:
        _IN_USE.release()


@contextlib.contextmanager
def _like_a_worker(cpus: int) -> Iterator[None]:
    """Compute the block with the threads of a worker; restore threads and random states."""
    import numpy as np
    import torch
    from threadpoolctl import threadpool_limits

    variables = {name: os.environ.get(name) for name in (_THREADS, _BREAKPOINT)}
    threads = torch.get_num_threads()
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    if (variables[_BREAKPOINT] or "").startswith("ray."):  # left by a Ray in this process before
        del os.environ[_BREAKPOINT]
    try:
        with threadpool_limits(limits=cpus, user_api="blas"):  # NumPy's; a sum depends on them
            yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
        torch.set_num_threads(threads)
        for name, value in variables.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
