"""Building the models of a folder: the experiment's modules, filled with the exported weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from sugrm.errors import ArgumentError, ModelFolderError
from sugrm.models import build_around, build_model
from sugrm.modules.text_encoder import TextEncoder
from sugrm.prediction.description import ModelDescription, WeightsFile
from sugrm.prediction.encoder_files import read_encoder
from sugrm.prediction.weights import read_weights
from sugrm.training.checkpoints.trained import misfits

_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltModels:
    """The models of a folder, in evaluation mode.

    Attributes:
        by_seed: seed -> model.
        frozen: the frozen text encoder that stands outside of the models; None without one.
    """

    by_seed: dict[int, nn.Module]
    frozen: TextEncoder | None


def build_models(
    folder: Path,
    description: ModelDescription,
    *,
    seeds: Sequence[int] | None,
    device: torch.device,
) -> BuiltModels:
    """Return the models of a checked folder; torch's generators are left as they were.

    Args:
        folder: the folder.
        description: its description.
        seeds: the seeds to build; None builds all.
        device: the device that the models compute on.

    Raises:
        ArgumentError: a seed is not in the folder.
        ModelFolderError: weights do not fit the experiment that the folder names.
        EncoderError: the system cannot work inside the text encoder, or peft is missing.
    """
    entries = _chosen(folder, description, seeds=seeds)
    files, outside = description.text_encoder, description.sizes.get("text_width") is not None
    shared: TextEncoder | None = None
    models: dict[int, nn.Module] = {}
    with torch.random.fork_rng(devices=[]):
        for entry in entries:
            if files is not None and (shared is None or files.finetuned):
                lora = description.experiment.model.text.lora
                shared = read_encoder(folder, files, lora=lora)  # a frozen one serves every seed
            holds = shared is not None and not outside
            model = (
                build_around(description.experiment, shared, sizes=description.sizes)
                if holds and shared is not None
                else build_model(description.experiment, **description.sizes)
            )
            _fill(model, folder / entry.file)
            models[entry.seed or 0] = model.to(device).eval()
    frozen = shared.to(device).eval() if shared is not None and outside else None
    return BuiltModels(by_seed=models, frozen=frozen)


def _chosen(
    folder: Path, description: ModelDescription, *, seeds: Sequence[int] | None
) -> list[WeightsFile]:
    known = description.seeds
    wanted = known if seeds is None else tuple(dict.fromkeys(seeds))
    unknown = [str(seed) for seed in wanted if seed not in known]
    if unknown or not wanted:
        raise ArgumentError(
            f"seed {', '.join(unknown) or 'list is empty'}: {folder} holds the seeds "
            f"{', '.join(map(str, known))}; name one of them"
        )
    return [entry for entry in description.weights if entry.seed in wanted]


def _fill(model: nn.Module, path: Path) -> None:
    weights = read_weights(path)
    if odd := misfits(model, weights):
        more = f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else ""
        raise ModelFolderError(
            f"{path} does not fit the experiment in config.json: missing, unknown or of another "
            f"shape: {', '.join(odd[:_NAMED])}{more}; export the model again, or install the "
            "version of sugrm-search that config.json names"
        )
    model.load_state_dict(weights, strict=False)
