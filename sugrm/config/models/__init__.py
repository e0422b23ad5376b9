"""Options of the systems, one frozen class a file."""

from sugrm.config.models.mult import MultConfig
from sugrm.config.models.section import ModelSection
from sugrm.config.models.spt import SptModelConfig
from sugrm.config.models.sugrm import SugrmConfig
from sugrm.config.models.text_only import TextOnlyConfig

__all__ = ["ModelSection", "MultConfig", "SptModelConfig", "SugrmConfig", "TextOnlyConfig"]
