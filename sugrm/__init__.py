"""SUGRM: multimodal sentiment analysis with recalibrated features and generated labels.

What needs PyTorch is imported on first use, so that options and spaces are checked without it.
"""

import importlib
from typing import TYPE_CHECKING, Any

from sugrm.config import ExperimentConfig, resolve
from sugrm.errors import SugrmError
from sugrm.types import Batch, Modality, ModelOutput, Split, Task
from sugrm.version import NUMERICS

if TYPE_CHECKING:
    from sugrm.data import Corpus, load_corpus
    from sugrm.models import build_model
    from sugrm.prediction import (
        Predictions,
        Predictor,
        load,
        load_start_weights,
        write_model_folder,
    )
    from sugrm.training import (
        EpochRecord,
        FitResult,
        Trained,
        TrainingRun,
        evaluate,
        fit,
        load_trained,
    )

_MODULES = {
    "Corpus": "sugrm.data",
    "EpochRecord": "sugrm.training",
    "FitResult": "sugrm.training",
    "Predictions": "sugrm.prediction",
    "Predictor": "sugrm.prediction",
    "Trained": "sugrm.training",
    "TrainingRun": "sugrm.training",
    "build_model": "sugrm.models",
    "evaluate": "sugrm.training",
    "fit": "sugrm.training",
    "load": "sugrm.prediction",
    "load_corpus": "sugrm.data",
    "load_start_weights": "sugrm.prediction",
    "load_trained": "sugrm.training",
    "write_model_folder": "sugrm.prediction",
}

__all__ = [
    "NUMERICS",
    "Batch",
    "Corpus",
    "EpochRecord",
    "ExperimentConfig",
    "FitResult",
    "Modality",
    "ModelOutput",
    "Predictions",
    "Predictor",
    "Split",
    "SugrmError",
    "Task",
    "Trained",
    "TrainingRun",
    "build_model",
    "evaluate",
    "fit",
    "load",
    "load_corpus",
    "load_start_weights",
    "load_trained",
    "resolve",
    "write_model_folder",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - classes and functions of several kinds
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
