"""Options of TFN."""

from typing import ClassVar, Literal

from pydantic import Field

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class TfnConfig(ModelSection):
    """Tensor fusion network (Zadeh et al. 2017): one embedding per stream, their outer product.

    ``dropout`` is applied in the audio and vision subnetworks, ``fusion_dropout`` to the tensor.
    ``width`` is that of the layers after the fusion. ``output: sigmoid`` keeps predictions within
    the range of the labels, as the paper does to [-3, 3], ``linear`` leaves them free.
    """

    UNALIGNED: ClassVar[bool] = False

    name: Literal["tfn"] = "tfn"
    modalities: Modalities = tuple(Modality)
    text_width: int = Field(128, ge=1)
    audio_width: int = Field(32, ge=1)
    vision_width: int = Field(32, ge=1)
    width: int = Field(128, ge=1)
    dropout: Dropout = 0.15
    fusion_dropout: Dropout = 0.0
    output: Literal["sigmoid", "linear"] = "sigmoid"
