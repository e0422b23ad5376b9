"""Fitting and evaluating one experiment."""

from sugrm.training.checkpoints.trained import Trained, load_trained
from sugrm.training.evaluation import evaluate
from sugrm.training.fitting import fit
from sugrm.training.records import EpochRecord, FitResult, SplitPredictions
from sugrm.training.run import TrainingRun

__all__ = [
    "EpochRecord",
    "FitResult",
    "SplitPredictions",
    "Trained",
    "TrainingRun",
    "evaluate",
    "fit",
    "load_trained",
]
