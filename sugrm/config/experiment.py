"""A whole experiment: everything that decides a trial's numbers but its seed and its data."""

from typing import Literal

from sugrm.config.model import ModelConfig, SugrmConfig
from sugrm.config.objective import ObjectiveConfig
from sugrm.config.section import Section
from sugrm.config.training import TrainingConfig


class ExperimentConfig(Section):
    """One fully resolved setting; the defaults are the paper's for MOSI."""

    alignment: Literal["unaligned", "aligned"] = "unaligned"
    model: ModelConfig = SugrmConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    training: TrainingConfig = TrainingConfig()
