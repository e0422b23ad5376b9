"""``load``: a model folder as an object that scores new utterances."""

import os
import warnings
from collections.abc import Sequence

from sugrm.config.registry import load_plugins
from sugrm.prediction.building import build_models
from sugrm.prediction.opening import open_folder, remarks_of
from sugrm.prediction.predictor import Predictor
from sugrm.training.seeding import choose_device


def load(
    folder: str | os.PathLike[str],
    *,
    seeds: Sequence[int] | None = None,
    device: str = "auto",
    plugins: Sequence[str] = (),
) -> Predictor:
    """Return the model that ``sugrm-search export`` wrote into a folder, ready to score.

    Nothing but the folder is read: neither the hub nor a network, no pickle, and no code unless
    ``plugins`` names some. All files are checked before anything is built. The models of all seeds
    stay in memory.

    Args:
        folder: the folder.
        seeds: the seeds to load; None loads all of the ensemble.
        plugins: files or modules of own systems, imported first: their code is executed. A model of
            an own system needs the plug-in that it was trained with.
        device: ``auto`` (the first GPU where there is one, else the CPU), ``cpu``, ``cuda`` ...

    Raises:
        ArgumentError: ``folder`` is no path, or a seed is not there.
        ModelFolderError: the folder is missing, damaged or something else; the message says what.
        PluginError: a plug-in cannot be imported.
        SugrmError: there is no such device.

    Example:
        >>> from sugrm import load
        >>> load("OUT").predict(["What a film!"]).scores  # doctest: +SKIP
        array([1.8], dtype=float32)
    """
    load_plugins(plugins)
    place, description = open_folder(folder)
    for remark in remarks_of(place, description):
        warnings.warn(remark, stacklevel=2)
    chosen = choose_device(device, option="device")
    models = build_models(place, description, seeds=seeds, device=chosen)
    return Predictor(place, description, models=models)
