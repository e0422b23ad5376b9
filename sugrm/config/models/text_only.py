"""Options of the text-only system."""

from typing import Literal

from pydantic import Field

from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class TextOnlyConfig(ModelSection):
    """The text encoder alone: mean over the real tokens and a small head.

    Not a system of the paper: what a multimodal system has to beat with the same encoder.
    """

    name: Literal["text_only"] = "text_only"
    width: int = Field(32, ge=1)
    output_dropout: Dropout = 0.1

    @property
    def streams(self) -> tuple[Modality, ...]:
        """The text alone."""
        return (Modality.TEXT,)
