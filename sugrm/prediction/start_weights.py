"""``load_start_weights``: the weights of a trained model, for another training to start from."""

import os
from pathlib import Path

import torch

from sugrm.argument_checks import checked_path
from sugrm.config.sections.start import TEXT
from sugrm.prediction.building import build_models
from sugrm.prediction.description import ENCODER_FOLDER, ModelDescription
from sugrm.prediction.opening import open_folder
from sugrm.prediction.weights import read_weights
from sugrm.training.checkpoints.checkpoint import BEST_FILE_NAME
from sugrm.training.start.kept import encoder_name, start_of_kept
from sugrm.training.start.weights import StartWeights, named_text, plain_weights, without_text


def load_start_weights(
    path: str | os.PathLike[str], *, seed: int | None = None, origin: str = ""
) -> StartWeights:
    """Return the weights of a trained model, for ``fit(..., start=...)``.

    No code is executed: the files of a folder are safetensors, and that of a trial is read with
    torch's restricted loader.

    Args:
        path: the folder that ``sugrm-search export`` wrote, or the model that a finished trial
            kept: ``runs/NAME/checkpoints/KEY``.
        seed: the seed of an ensemble whose model is taken; the lowest one where the folder has no
            such seed, or for None.
        origin: where the model comes from, as a phrase; "" names the folder.

    Raises:
        ArgumentError: ``path`` is no path.
        ModelFolderError: the folder is missing, damaged or something else.
        CheckpointError: the file of a trial holds no trained model.

    Example:
        >>> from sugrm import fit, load_start_weights, resolve
        >>> config = resolve({"start_from": "mosei_model"})
        >>> fit(config, corpus, start=load_start_weights("mosei_model"))  # doctest: +SKIP
    """
    place = checked_path("path", path)
    kept = place / BEST_FILE_NAME if place.is_dir() else place
    if kept.is_file():
        return start_of_kept(kept, origin=origin or f"trial {kept.parent.name}")
    folder, description = open_folder(place)
    return start_of_folder(folder, description, seed=seed, origin=origin)


def start_of_folder(
    folder: Path, description: ModelDescription, *, seed: int | None, origin: str = ""
) -> StartWeights:
    """Return the weights of an exported model; see ``load_start_weights``.

    Args:
        folder: the folder, as ``open_folder`` returns it.
        description: its description.
        seed: the wanted seed; the lowest one where there is no such seed, or for None.
        origin: where the model comes from; "" names the folder.
    """
    entry = next((each for each in description.weights if each.seed == seed), None)
    entry = entry or min(description.weights, key=lambda each: each.seed or 0)
    text = description.experiment.model.text
    if text.lora is not None:
        cpu = torch.device("cpu")
        built = build_models(folder, description, seeds=[entry.seed or 0], device=cpu)
        (model,) = built.by_seed.values()
        weights = plain_weights(model)
    else:
        weights = read_weights(folder / entry.file)
        encoder = description.text_encoder
        started = description.started_from.get(entry.seed or 0)
        # A frozen encoder that no training has changed is the one of its name.
        has_own = text.finetune or (started is not None and TEXT in started.parts)
        if not has_own:
            weights = without_text(weights)
        elif encoder is not None and encoder.weights is not None:
            weights |= named_text(read_weights(folder / ENCODER_FOLDER / encoder.weights.file))
    return StartWeights.of(
        weights,
        system=description.experiment.model.name,
        text_encoder=encoder_name(weights, text.model_dump()),
        seed=entry.seed or 0,
        origin=origin or f"the model in {folder.name}",
    )
