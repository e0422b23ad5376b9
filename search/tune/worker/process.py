"""The process of a worker: its libraries, its GPU memory, its place in the cluster."""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

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
    gc.disable()  # else a third of the time of the imports
    import sugrm.training  # noqa: F401

    gc.enable()
    gc.freeze()


def free_gpu_memory() -> None:
    """Free the GPU memory that this process has cached, for the other trials on that GPU."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


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


@cache
def worker_place() -> Mapping[str, str | None]:
    """Return Ray's id of this worker's node, and the GPUs that Ray lets it see; {} without Ray."""
    import ray

    if not ray.is_initialized():
        return {}
    context = ray.get_runtime_context()
    gpus = context.get_accelerator_ids().get("GPU")
    # A worker without a GPU inherits the variable of its parent, which then means nothing.
    seen = os.environ.get("CUDA_VISIBLE_DEVICES") if gpus else None
    return {"node_id": context.get_node_id(), "gpus": seen}


def is_ray_actor() -> bool:
    """Return whether this process is an actor of Ray; a test steps a trial without one."""
    import ray

    return ray.is_initialized() and ray.get_runtime_context().get_actor_id() is not None
