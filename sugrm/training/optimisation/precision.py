"""The number format that a model computes in: choice by device, autocast, gradient scaler.

Weights, optimiser and losses are float32 in every precision; autocast lowers the layers in
between. In float16 gradients below 6e-8 become zero, so the loss is scaled up before the backward
pass and the gradients down after it; a step whose gradients overflow is skipped and lowers the
scale.
"""

import torch

from sugrm.errors import SugrmError

FLOAT32, BFLOAT16, FLOAT16 = "float32", "bfloat16", "float16"
_LEAST_SCALE = 2.0**-10
_LOW = {BFLOAT16: torch.bfloat16, FLOAT16: torch.float16}


def choose_precision(name: str, device: torch.device) -> str:
    """Return the precision that ``training.precision`` means for training on a device.

    ``auto`` is bfloat16 on a GPU whose hardware computes in it, else float32. Older GPUs emulate
    bfloat16, which is slower than float32.

    Raises:
        SugrmError: ``name`` is float16 and the device a CPU, where PyTorch lacks it for LSTMs.
    """
    if name == FLOAT16 and device.type == "cpu":
        raise SugrmError(
            "training.precision is float16, which needs a GPU, and this trial runs on the CPU; "
            "set training.precision to auto, or training.device to cuda"
        )
    if name != "auto":
        return name
    if device.type != "cuda":
        return FLOAT32
    with torch.cuda.device(-1 if device.index is None else device.index):  # -1: the current one
        has_bfloat16 = torch.cuda.is_bf16_supported(including_emulation=False)
    return BFLOAT16 if has_bfloat16 else FLOAT32


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Return the autocast context of a precision, or of ``auto``, on a device.

    A model that was trained in float16 computes in float32 on a CPU.
    """
    if precision == FLOAT16 and device.type == "cpu":
        precision = FLOAT32
    lowered = _LOW.get(choose_precision(precision, device))
    return torch.autocast(device.type, dtype=lowered or torch.bfloat16, enabled=lowered is not None)


def gradient_scaler(device: torch.device, precision: str) -> torch.amp.GradScaler:
    """Return the scaler of a precision; outside of float16 it changes nothing."""
    return torch.amp.GradScaler(device.type, enabled=precision == FLOAT16)


def never_steps(scaler: torch.amp.GradScaler) -> bool:
    """Return whether the gradients overflow at every scale, so that every step is skipped.

    The scale starts at 65536 and halves at each skipped step; a few skipped steps are usual.
    """
    return scaler.is_enabled() and scaler.get_scale() < _LEAST_SCALE
