"""Checks of a model folder, made before anything is built from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sugrm.argument_checks import checked_path
from sugrm.config.experiment import ExperimentConfig
from sugrm.config.registry import plugin_digests
from sugrm.errors import ModelFolderError
from sugrm.prediction.description import (
    CONFIG_FILE,
    ENCODER_FOLDER,
    FORMAT,
    MODEL_TYPE,
    ModelDescription,
    PluginFiles,
    WeightsFile,
)
from sugrm.prediction.weights import check_weights
from sugrm.types import Modality
from sugrm.version import NUMERICS

_EXPECTED = "expected a folder that `sugrm-search export` wrote"


def model_type_of(folder: Path) -> str:
    """Return the ``model_type`` that ``config.json`` of a folder names, "" without one."""
    try:
        content = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        return str(content.get("model_type") or "")
    except (OSError, ValueError, AttributeError):
        return ""


def open_folder(folder: object) -> tuple[Path, ModelDescription]:
    """Return a model folder and its description; every file is compared with its digest.

    Args:
        folder: the folder, as text or as a path.

    Raises:
        ArgumentError: ``folder`` is no path.
        ModelFolderError: it is missing, damaged, of a later version, or something else.
    """
    place = checked_path("folder", folder)
    content = _content(place)
    _check_kind(place, content)
    found = _described(place, content)
    _check_files(place, found)
    return place, found


def _described(place: Path, content: dict[str, Any]) -> ModelDescription:
    where = "experiment"
    try:
        experiment = ExperimentConfig.model_validate(content.get("experiment"))
        where = ""
        return ModelDescription.model_validate({**content, "experiment": experiment})
    except ValidationError as error:
        if where:
            _check_plugins(place, content)
        first = error.errors()[0]
        path = ".".join(map(str, (*([where] if where else []), *first["loc"])))
        raise ModelFolderError(
            f"{place / CONFIG_FILE} is not what this version of sugrm-search writes: {path}: "
            f"{first['msg']}; export the model again"
        ) from error


def remarks_of(folder: Path, description: ModelDescription) -> Iterator[str]:
    """Yield what a user should know of a folder that can be read."""
    loaded = plugin_digests(description.experiment)
    for plugin in description.plugins:
        if loaded.get(plugin.module, plugin.digest) != plugin.digest:
            yield (
                f"{folder} was trained with another version of the plug-in {plugin.module} (hash "
                f"{plugin.digest}, here {loaded[plugin.module]}): scores may differ from those of "
                "its run"
            )
    if description.numerics != NUMERICS:
        yield (
            f"{folder} was trained by another version of the code (numerics "
            f"{description.numerics}, here {NUMERICS}): scores may differ from those of its run; "
            f"sugrm-search {description.sugrm_version} gives the same"
        )


def _content(place: Path) -> dict[str, Any]:
    if not place.exists():
        raise ModelFolderError(f"there is no folder {place}; {_EXPECTED}")
    if not place.is_dir():
        raise ModelFolderError(f"{place} is a file; {_EXPECTED}")
    if (place / "experiment.json").is_file():
        raise ModelFolderError(
            f"{place} is a run, not a model; take its model out first: sugrm-search export "
            f"{place.name} OUT"
        )
    path = place / CONFIG_FILE
    if not path.is_file():
        raise ModelFolderError(f"{place} has no {CONFIG_FILE}, so it is no model; {_EXPECTED}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFolderError(f"{path} cannot be read as JSON ({error}); {_EXPECTED}") from error
    if not isinstance(content, dict):
        raise ModelFolderError(f"{path} holds no mapping; {_EXPECTED}")
    return content


def _check_kind(place: Path, content: dict[str, Any]) -> None:
    kind = content.get("model_type")
    if kind != MODEL_TYPE:
        raise ModelFolderError(
            f"{place} holds a model of another library (model_type {kind!r} in {CONFIG_FILE}, "
            f"not {MODEL_TYPE!r}); {_EXPECTED}. A text encoder is no model of sentiment: it is "
            "named in model.text.name of a space"
        )
    number = content.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise ModelFolderError(
            f"{place} was written by a later version of sugrm-search "
            f"({content.get('sugrm_version')}, format {number}; this one reads {FORMAT}); "
            "install that version"
        )


def _check_plugins(place: Path, content: dict[str, Any]) -> None:
    """Raise an error where a folder names plug-ins, without which its options mean nothing."""
    try:
        needed = [PluginFiles.model_validate(each) for each in content.get("plugins") or ()]
    except (ValidationError, TypeError):
        return
    if needed:
        names = [str(place / each.file) for each in needed]
        raise ModelFolderError(
            f"{place} holds a system of the plug-in {', '.join(each.module for each in needed)}, "
            "which is not loaded, or is another one now. A copy of its source lies in the folder; "
            "its code is executed only if you name it: read it, then use "
            f"{' '.join(f'--plugin {name}' for name in names)}, or load(..., plugins={names})"
        )


def _check_files(place: Path, found: ModelDescription) -> None:
    if found.text_encoder is not None:
        if not (place / ENCODER_FOLDER / CONFIG_FILE).is_file():
            raise ModelFolderError(
                f"{place} lacks the folder {ENCODER_FOLDER} with the configuration and tokeniser "
                "of its text encoder; copy the whole folder again, or export the model again"
            )
        for name, digest in found.text_encoder.files.items():
            check_weights(place / ENCODER_FOLDER, WeightsFile(file=name, sha256=digest))
        if found.text_encoder.weights is not None:
            check_weights(place / ENCODER_FOLDER, found.text_encoder.weights)
    elif Modality.TEXT in found.inputs.streams and Modality.TEXT not in found.inputs.widths:
        raise ModelFolderError(
            f"{place / CONFIG_FILE} names no text encoder, though the model reads words; "
            "export the model again"
        )
    for entry in found.weights:
        check_weights(place, entry)
