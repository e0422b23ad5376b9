"""Options of the systems, one frozen class a file."""

from sugrm.config.models.section import ModelSection
from sugrm.config.models.self_mm import SelfMmConfig, SubNetworksConfig
from sugrm.config.models.sugrm import SugrmConfig
from sugrm.config.models.text_only import TextOnlyConfig

__all__ = ["ModelSection", "SelfMmConfig", "SubNetworksConfig", "SugrmConfig", "TextOnlyConfig"]
