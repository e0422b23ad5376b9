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


def generator_state() -> dict[str, object]:
    """Return the state of torch's generators, from which every draw of training comes."""
    gpu = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), "gpu": gpu}


def restore_generator_state(state: dict[str, object]) -> None:
    """Set torch's generators to a state from ``generator_state``."""
    cpu, gpu = state["cpu"], state["gpu"]
    if not isinstance(cpu, torch.Tensor) or not isinstance(gpu, list):
        raise SugrmError(f"not a generator state: {type(cpu).__name__}, {type(gpu).__name__}")
    torch.set_rng_state(cpu)
    if gpu and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(gpu)


def choose_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` is the first GPU where there is one, else the CPU.

    Raises:
        SugrmError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SugrmError(
            f"training.device {name!r} is not a device; expected auto, cpu, cuda or cuda:N"
        ) from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SugrmError(
            f"training.device is {name!r}, but torch finds no GPU here; set it to auto or cpu"
        )
    return device
