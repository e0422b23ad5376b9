"""Options of SPT as a system of its own."""

from typing import Literal

from pydantic import Field, model_validator

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.encoders import SptConfig
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class SptModelConfig(ModelSection):
    """SPT, the sparse phased transformer (Cheng et al., EMNLP 2021), without SUGRM's parts.

    ``modalities`` are the streams that are read; with one there is no cross attention.
    """

    name: Literal["spt"] = "spt"
    modalities: Modalities = tuple(Modality)
    encoder: SptConfig = SptConfig()
    width: int = Field(32, ge=1)
    output_dropout: Dropout = 0.1

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "SptModelConfig":
        if self.width % self.encoder.heads:
            raise ValueError(
                f"width {self.width} is not a multiple of encoder.heads {self.encoder.heads}: "
                "choose heads that divide width"
            )
        return self
