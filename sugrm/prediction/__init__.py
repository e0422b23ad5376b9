"""Exported models: folders with everything that is needed to score new utterances."""

from sugrm.prediction.export.writing import WrittenFolder, write_model_folder
from sugrm.prediction.loading import load
from sugrm.prediction.predictions import Predictions
from sugrm.prediction.predictor import Predictor
from sugrm.prediction.start_weights import load_start_weights

__all__ = [
    "Predictions",
    "Predictor",
    "WrittenFolder",
    "load",
    "load_start_weights",
    "write_model_folder",
]
