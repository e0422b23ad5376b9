"""Checked, frozen configuration of an experiment."""

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.merge import nested, resolve
from sugrm.config.model import ModelConfig
from sugrm.config.models import (
    EfLstmConfig,
    LfLstmConfig,
    MagBertConfig,
    MctnConfig,
    ModelSection,
    MultConfig,
    RavenConfig,
    SelfMmConfig,
    SptModelConfig,
    SubNetworksConfig,
    SugrmConfig,
    TextOnlyConfig,
    TfnConfig,
)
from sugrm.config.presets import PRESETS
from sugrm.config.sections.data import DataConfig, SyntheticConfig
from sugrm.config.sections.encoders import LstmConfig, SptConfig, TransformerConfig
from sugrm.config.sections.objective import (
    AlignedLabelsConfig,
    HumanLabelsConfig,
    ObjectiveConfig,
    SelfMmLabelsConfig,
    SugrmLabelsConfig,
)
from sugrm.config.sections.text import TextConfig
from sugrm.config.sections.training import LearningRateConfig, TrainingConfig, WeightDecayConfig

__all__ = [
    "PRESETS",
    "AlignedLabelsConfig",
    "DataConfig",
    "EfLstmConfig",
    "ExperimentConfig",
    "HumanLabelsConfig",
    "LearningRateConfig",
    "LfLstmConfig",
    "LstmConfig",
    "MagBertConfig",
    "MctnConfig",
    "ModelConfig",
    "ModelSection",
    "MultConfig",
    "ObjectiveConfig",
    "RavenConfig",
    "SelfMmConfig",
    "SelfMmLabelsConfig",
    "SptConfig",
    "SptModelConfig",
    "SubNetworksConfig",
    "SugrmConfig",
    "SugrmLabelsConfig",
    "SyntheticConfig",
    "TextConfig",
    "TextOnlyConfig",
    "TfnConfig",
    "TrainingConfig",
    "TransformerConfig",
    "WeightDecayConfig",
    "nested",
    "resolve",
]
