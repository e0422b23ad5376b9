"""Options of the systems, one frozen class per file."""

from sugrm.config.models.ef_lstm import EfLstmConfig
from sugrm.config.models.lf_lstm import LfLstmConfig
from sugrm.config.models.mag_bert import MagBertConfig
from sugrm.config.models.mctn import MctnConfig
from sugrm.config.models.model_section import ModelSection
from sugrm.config.models.mult import MultConfig
from sugrm.config.models.raven import RavenConfig
from sugrm.config.models.self_mm import SelfMmConfig, SubNetworksConfig
from sugrm.config.models.spt import SptModelConfig
from sugrm.config.models.sugrm import SugrmConfig
from sugrm.config.models.text_only import TextOnlyConfig
from sugrm.config.models.tfn import TfnConfig

__all__ = [
    "EfLstmConfig",
    "LfLstmConfig",
    "MagBertConfig",
    "MctnConfig",
    "ModelSection",
    "MultConfig",
    "RavenConfig",
    "SelfMmConfig",
    "SptModelConfig",
    "SubNetworksConfig",
    "SugrmConfig",
    "TextOnlyConfig",
    "TfnConfig",
]
