"""Files of weights in the safetensors format, which holds tensors only and runs no code."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from sugrm.errors import ModelFolderError
from sugrm.prediction.description import WeightsFile

_LFS_MARK = b"version https://git-lfs"


def write_weights(
    path: Path, weights: Mapping[str, Tensor], *, seed: int | None = None
) -> WeightsFile:
    """Write tensors by name to a new file; return its entry for ``config.json``.

    Args:
        path: the file.
        weights: the tensors, on any device; those that share memory are written one by one.
        seed: the seed of the trial that trained them; None for a text encoder.
    """
    own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in weights.items()}
    path.touch()
    mode = path.stat().st_mode
    save_file(own, path, metadata={"format": "pt"})
    path.chmod(mode)  # safetensors lets only the owner read it
    return WeightsFile(seed=seed, file=path.name, sha256=file_digest(path))


def check_weights(folder: Path, entry: WeightsFile) -> None:
    """Raise an error unless a file is there with the content that ``config.json`` names.

    Raises:
        ModelFolderError: the file is missing or another one.
    """
    path = folder / entry.file
    if not path.is_file():
        raise ModelFolderError(
            f"{folder} lacks the file {entry.file}, which its configuration names; copy the whole "
            "folder again, or export the model again"
        )
    if file_digest(path) != entry.sha256:
        why = "it is cut short, damaged or another file"
        with path.open("rb") as file:
            is_pointer = file.read(len(_LFS_MARK)) == _LFS_MARK
        if is_pointer:
            why = "it is a pointer of Git LFS, not the file itself (git lfs pull)"
        raise ModelFolderError(
            f"{path} is not the file that was exported: {why}; expected the SHA-256 "
            f"{entry.sha256[:12]}…; copy the folder again, or export the model again"
        )


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name, on the CPU.

    Raises:
        ModelFolderError: the file is no safetensors file.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelFolderError(
            f"{path} cannot be read as safetensors ({error}); expected the file that was exported"
        ) from error


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
