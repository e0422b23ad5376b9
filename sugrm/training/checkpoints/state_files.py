"""Files of tensors that torch wrote, read with its restricted loader.

Torch's own messages advise to switch that restriction off, so this module gives its own reason why
a file cannot be read.
"""

import io
import warnings
from pathlib import Path
from typing import Any

import torch

from sugrm.errors import CheckpointError


def read_state(source: Path | bytes) -> dict[str, Any]:
    """Return the tensors and plain values of a file, or of its content, on the CPU.

    Raises:
        CheckpointError: it cannot be read; the message is a clause that says why.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the format of a foreign file
            state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a cut or foreign file
        raise CheckpointError(_reason(error)) from error
    if not isinstance(state, dict):
        raise CheckpointError(f"it holds a {type(state).__name__}, not the parts of a checkpoint")
    return state


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    if isinstance(error, OSError):
        return f"it cannot be opened: {error.strerror}"
    return "it is cut short or damaged, or holds more than tensors and plain values"
