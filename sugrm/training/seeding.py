"""Seeding and the state of the random generators."""

import random

import numpy as np
import torch

from sugrm.errors import SugrmError


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and torch's generators, those of every GPU included."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def generator_state(device: torch.device) -> dict[str, object]:
    """Return the state of torch's generators that training on ``device`` draws from."""
    gpu = [torch.cuda.get_rng_state(device)] if device.type == "cuda" else []
    return {"cpu": torch.get_rng_state(), "gpu": gpu}


def restore_generator_state(state: dict[str, object], device: torch.device) -> None:
    """Set torch's generators to a state from ``generator_state``, taken on any device.

    Raises:
        SugrmError: ``state`` is not such a state.
    """
    cpu, gpu = state["cpu"], state["gpu"]
    if not isinstance(cpu, torch.Tensor) or not isinstance(gpu, list):
        raise SugrmError(f"not a generator state: {type(cpu).__name__}, {type(gpu).__name__}")
    torch.set_rng_state(cpu)
    if gpu and device.type == "cuda":
        torch.cuda.set_rng_state(gpu[0], device)


def choose_device(name: str, *, option: str = "training.device") -> torch.device:
    """Return the device of that name; ``auto`` is the first GPU where there is one, else the CPU.

    Args:
        name: the device.
        option: the option that named it, for messages.

    Raises:
        SugrmError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        known = device.type in ("cpu", "cuda")
    except RuntimeError:
        known = False
    if not known:
        raise SugrmError(f"{option} {name!r} is not a device; expected auto, cpu, cuda or cuda:N")
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device.type == "cuda" and (device.index or 0) >= gpus:
        found = f"{gpus} GPU{'s' if gpus > 1 else ''}" if gpus else "no GPU"
        raise SugrmError(
            f"{option} is {name!r}, but torch finds {found} here; set it to auto or cpu"
        )
    return device
