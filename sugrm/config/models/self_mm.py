"""Options of Self-MM."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.encoders import SptConfig, TransformerConfig
from sugrm.config.sections.section import Dropout, Section
from sugrm.types import Modality, Task


class SubNetworksConfig(Section):
    """Self-MM's own encoders: the first token of the text, an LSTM each for audio and vision.

    ``audio_hidden`` and ``vision_hidden`` are the widths of the LSTMs, ``audio_out`` and
    ``vision_out`` those of the linear layers; the dropouts are applied between the two.
    """

    name: Literal["lstm"] = "lstm"
    audio_hidden: int = Field(32, ge=1)
    vision_hidden: int = Field(64, ge=1)
    audio_out: int = Field(16, ge=1)
    vision_out: int = Field(32, ge=1)
    audio_dropout: Dropout = 0.0
    vision_dropout: Dropout = 0.0


class SelfMmConfig(ModelSection):
    """Self-MM (Yu et al. 2021): one vector per stream, a head of three layers per task.

    ``fusion_width``, ``text_width``, ``audio_width`` and ``vision_width`` are those of the
    features that labels are generated from, and the four dropouts are applied before them.
    ``recalibration`` and the encoders ``spt`` and ``transformer``, which read the streams at the
    width ``encoder_width``, are the additions of Hwang & Kim 2023, Table 4. ``modalities`` are the
    streams that are read, in the paper all three; with one there is neither recalibration nor
    cross attention.
    """

    ADDED: ClassVar[tuple[str, ...]] = ("modalities",)
    TASKS: ClassVar[tuple[Task, ...]] = tuple(Task)
    WIDTH_OPTIONS: ClassVar[Mapping[Task, str]] = {
        Task.MULTIMODAL: "fusion_width",
        Task.TEXT: "text_width",
        Task.AUDIO: "audio_width",
        Task.VISION: "vision_width",
    }

    name: Literal["self_mm"] = "self_mm"
    modalities: Modalities = tuple(Modality)
    recalibration: Literal["sugrm", "none"] = "none"
    encoder: Annotated[
        SubNetworksConfig | SptConfig | TransformerConfig, Field(discriminator="name")
    ] = SubNetworksConfig()
    encoder_width: int = Field(32, ge=1)
    fusion_width: int = Field(128, ge=1)
    text_width: int = Field(64, ge=1)
    audio_width: int = Field(16, ge=1)
    vision_width: int = Field(32, ge=1)
    fusion_dropout: Dropout = 0.1
    text_dropout: Dropout = 0.0
    audio_dropout: Dropout = 0.1
    vision_dropout: Dropout = 0.1

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "SelfMmConfig":
        heads = getattr(self.encoder, "heads", 1)
        if self.encoder_width % heads:
            raise ValueError(
                f"encoder_width {self.encoder_width} is not a multiple of encoder.heads {heads}: "
                "choose heads that divide encoder_width"
            )
        return self
