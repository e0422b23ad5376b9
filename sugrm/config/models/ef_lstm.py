"""Options of EF-LSTM."""

from typing import ClassVar, Literal

from pydantic import Field

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class EfLstmConfig(ModelSection):
    """Early fusion: the streams joined frame by frame, one LSTM of ``depth`` layers over them.

    On unaligned input audio and vision are aligned to the text by CTC first. ``dropout`` is
    applied between the layers and to the hidden layer of the head.
    """

    STEPWISE: ClassVar[bool] = True
    ALIGNS: ClassVar[bool] = True

    name: Literal["ef_lstm"] = "ef_lstm"
    modalities: Modalities = tuple(Modality)
    width: int = Field(128, ge=1)
    depth: int = Field(1, ge=1)
    dropout: Dropout = 0.5
