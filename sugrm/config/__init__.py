"""Checked, frozen configuration of an experiment."""

from sugrm.config.data import DataConfig, SyntheticConfig
from sugrm.config.experiment import ExperimentConfig
from sugrm.config.merge import nested, resolve
from sugrm.config.model import (
    LstmConfig,
    SptConfig,
    SugrmConfig,
    TextConfig,
    TransformerConfig,
)
from sugrm.config.objective import HumanLabelsConfig, ObjectiveConfig, SugrmLabelsConfig
from sugrm.config.presets import PRESETS
from sugrm.config.training import LearningRateConfig, TrainingConfig, WeightDecayConfig

__all__ = [
    "PRESETS",
    "DataConfig",
    "ExperimentConfig",
    "HumanLabelsConfig",
    "LearningRateConfig",
    "LstmConfig",
    "ObjectiveConfig",
    "SptConfig",
    "SugrmConfig",
    "SugrmLabelsConfig",
    "SyntheticConfig",
    "TextConfig",
    "TrainingConfig",
    "TransformerConfig",
    "WeightDecayConfig",
    "nested",
    "resolve",
]
