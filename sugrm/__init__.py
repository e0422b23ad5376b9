"""SUGRM: multimodal sentiment analysis with recalibrated features and generated labels."""

from sugrm.config import ExperimentConfig, resolve
from sugrm.data import Corpus, load_corpus
from sugrm.errors import SugrmError
from sugrm.models import build_model
from sugrm.training import EpochRecord, FitResult, Trained, TrainingRun, evaluate, fit, load_trained
from sugrm.types import Batch, Modality, ModelOutput, Split, Task
from sugrm.version import NUMERICS

__all__ = [
    "NUMERICS",
    "Batch",
    "Corpus",
    "EpochRecord",
    "ExperimentConfig",
    "FitResult",
    "Modality",
    "ModelOutput",
    "Split",
    "SugrmError",
    "Task",
    "Trained",
    "TrainingRun",
    "build_model",
    "evaluate",
    "fit",
    "load_corpus",
    "load_trained",
    "resolve",
]
