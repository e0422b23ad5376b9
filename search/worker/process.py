"""The process of a worker: its libraries and its GPU memory."""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from search.environment import cpu_kind
from search.trials.protocol import GpuMemory

if TYPE_CHECKING:
    import torch


def set_up_torch(threads: int) -> None:
    """Import torch with this many threads; no trial counts the seconds of the first import."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read when torch is first imported
    _import_libraries()
    import torch

    torch.set_num_threads(threads)


@cache
def _import_libraries() -> None:
    """Import the libraries of a trial and exempt their objects from garbage collection.

    A worker collects garbage between trials, which would search the million objects of its
    libraries.
    """
    is_on = gc.isenabled()
    gc.disable()  # else a third of the time of the imports
    import sugrm.training  # noqa: F401

    if is_on:
        gc.enable()
    gc.freeze()


def free_gpu_memory() -> None:
    """Free the GPU memory that this process has cached, for the other trials on that GPU."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def processor_of(device: "torch.device") -> str | None:
    """Return the name of a GPU, or the kind of this machine's CPU; None if unknown."""
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else cpu_kind()


def gpu_memory(device: "torch.device") -> GpuMemory | None:
    """Return the memory that this process uses of its GPU, None without one."""
    if device.type != "cuda":
        return None
    import torch

    free, total = torch.cuda.mem_get_info(device)
    return GpuMemory(
        peak_mib=torch.cuda.max_memory_reserved(device) / 2**20,
        reserved_mib=torch.cuda.memory_reserved(device) / 2**20,
        used_mib=(total - free) / 2**20,
        total_mib=total / 2**20,
    )


@contextlib.contextmanager
def collect_warnings(logger: str, found: list[str]) -> Iterator[None]:
    """Add the warnings of a package to ``found``, because worker logs are discarded."""
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger(logger).addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger(logger).removeHandler(handler)
