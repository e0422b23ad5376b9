"""A worker as a process of Ray: its place in the cluster."""

import os
from collections.abc import Mapping
from functools import cache


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
