"""Options of LF-LSTM."""

from typing import Literal

from pydantic import Field

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class LfLstmConfig(ModelSection):
    """Late fusion: one LSTM per stream, their last states joined.

    ``width`` is the head's hidden layer; ``dropout`` is applied to it.
    """

    name: Literal["lf_lstm"] = "lf_lstm"
    modalities: Modalities = tuple(Modality)
    text_width: int = Field(128, ge=1)
    audio_width: int = Field(16, ge=1)
    vision_width: int = Field(128, ge=1)
    width: int = Field(128, ge=1)
    dropout: Dropout = 0.2
