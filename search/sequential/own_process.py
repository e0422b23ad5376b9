"""The process of the command as the one worker of a run."""

import contextlib
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.environment import usable_cpus
from search.errors import SearchError
from search.gpus import GpuUse, check_precision, gpu_use, local_gpus

if TYPE_CHECKING:
    from search.space import Space

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

    @property
    def at_once(self) -> int:
        """How many trials run at once: one."""
        return 1

    def __str__(self) -> str:
        """Return the GPUs of a trial and where it runs, as text for the user."""
        shown = f"{self.gpu_use}; in this process"
        if self.drops_limit:
            shown += ", no time limit (resources.timeout_minutes is not applied)"
        return shown


def sequential_capacity(
    space: "Space", *, address: str | None, concurrency: int | None
) -> SequentialCapacity:
    """Return what this process computes of a space; nothing is started.

    Args:
        space: the space, whose launcher is sequential.
        address: the address of a Ray cluster, which only the launcher ray uses.
        concurrency: the most trials at once, at least 1; None sets no limit.

    Raises:
        SearchError: this process cannot compute its trials.
    """
    if address is not None:
        raise SearchError(
            f"--address {address} names a Ray cluster, but resources.launcher is sequential, which "
            "computes in this process; leave out --address, or use --launcher ray"
        )
    if concurrency not in (None, 1):
        raise SearchError(
            f"--concurrency is {concurrency}, but resources.launcher is sequential, which computes "
            "one trial after another; expected 1; leave it out, or use --launcher ray"
        )
    cpus, found = usable_cpus(), local_gpus()
    if space.resources.cpus > cpus:
        raise SearchError(
            f"resources.cpus is {space.resources.cpus}, but this process may use {cpus}; expected "
            f"at most that many; add --set resources.cpus={cpus}"
        )
    use = gpu_use(space, found)
    check_precision(space, use)
    if use.gpus and not found:
        raise SearchError(
            f"a trial asks for {use.amount} ({use.reason}), but PyTorch finds no GPU on this "
            "machine; expected one, or trials on the CPU: for these add --set resources.gpus=auto "
            "--set experiment.training.device=auto"
        )
    return SequentialCapacity(
        use,
        hides_gpus=found > 0 and not use.gpus,
        drops_limit=space.resources.timeout_minutes is not None,
    )


@contextlib.contextmanager
def own_process(
    space: "Space", *, address: str | None, concurrency: int | None
) -> Iterator[SequentialCapacity]:
    """Let the run have this process for the block; yield what it computes.

    Threads and random states are afterwards what they were.

    Args:
        space: the space, whose launcher is sequential.
        address: see ``sequential_capacity``.
        concurrency: see ``sequential_capacity``.

    Raises:
        SearchError: this process cannot compute its trials, or another run does that here.
    """
    capacity = sequential_capacity(space, address=address, concurrency=concurrency)
    if not _IN_USE.acquire(blocking=False):
        raise SearchError(
            "another run with resources.launcher: sequential computes in this process; expected "
            "one at a time, since they share random states; wait for its end, or start this one "
            "in a process of its own"
        )
    try:
        with _like_a_worker(space.resources.cpus):
            yield capacity
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
