"""Options of MCTN."""

from typing import ClassVar, Literal

from pydantic import Field, field_validator

from sugrm.config.models.modalities import led_by_text
from sugrm.config.models.model_section import ModelSection
from sugrm.types import Modality


class MctnConfig(ModelSection):
    """MCTN (Pham et al. 2019): a joint representation learnt by translating the text.

    ``modalities`` are the source, which is the text, and in this order the targets of the first
    and of the second level; with one target there is one level. Only the source is read for a
    prediction. ``width`` is that of the joint representation, ``head_width`` that of the LSTM
    that reads the sentiment from it.
    """

    STEPWISE: ClassVar[bool] = True
    ALIGNS: ClassVar[bool] = True

    name: Literal["mctn"] = "mctn"
    modalities: tuple[Modality, ...] = (Modality.TEXT, Modality.VISION, Modality.AUDIO)
    width: int = Field(32, ge=1)
    head_width: int = Field(32, ge=1)

    @field_validator("modalities")
    @classmethod
    def _text_leads(cls, modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
        return led_by_text(modalities)
