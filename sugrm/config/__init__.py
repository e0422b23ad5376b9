"""Checked, frozen configuration of an experiment."""

from sugrm.config.data import DataConfig, SyntheticConfig
from sugrm.config.encoders import LstmConfig, SptConfig, TransformerConfig
from sugrm.config.experiment import ExperimentConfig
from sugrm.config.merge import nested, resolve
from sugrm.config.model import ModelConfig
from sugrm.config.models import (
    ModelSection,
    SelfMmConfig,
    SubNetworksConfig,
    SugrmConfig,
    TextOnlyConfig,
)
from sugrm.config.objective import (
    HumanLabelsConfig,
    ObjectiveConfig,
    SelfMmLabelsConfig,
    SugrmLabelsConfig,
)
from sugrm.config.presets import PRESETS
from sugrm.config.text import TextConfig
from sugrm.config.training import LearningRateConfig, TrainingConfig, WeightDecayConfig

__all__ = [
    "PRESETS",
    "DataConfig",
    "ExperimentConfig",
    "HumanLabelsConfig",
    "LearningRateConfig",
    "LstmConfig",
    "ModelConfig",
    "ModelSection",
    "ObjectiveConfig",
    "SelfMmConfig",
    "SelfMmLabelsConfig",
    "SptConfig",
    "SubNetworksConfig",
    "SugrmConfig",
    "SugrmLabelsConfig",
    "SyntheticConfig",
    "TextConfig",
    "TextOnlyConfig",
    "TrainingConfig",
    "TransformerConfig",
    "WeightDecayConfig",
    "nested",
    "resolve",
]
