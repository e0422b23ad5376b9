"""Options of SUGRM."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.encoders import EncoderConfig, SptConfig
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality, Task


class SugrmConfig(ModelSection):
    """SUGRM (Hwang & Kim 2023): recalibration, sequence encoder, four heads.

    ``lengths: ignored`` treats padding as frames, as the released code does; ``head`` chooses
    between the paper's one hidden layer and the released two. ``modalities`` are the streams that
    are read, in the paper all three. With two, each is recalibrated by both and attends to the
    other; with one there is neither recalibration nor cross attention.
    """

    ADDED: ClassVar[tuple[str, ...]] = ("modalities",)
    TASKS: ClassVar[tuple[Task, ...]] = tuple(Task)

    name: Literal["sugrm"] = "sugrm"
    modalities: Modalities = tuple(Modality)
    recalibration: Literal["sugrm", "none"] = "sugrm"
    projection: Literal["none", "linear"] = "none"
    encoder: EncoderConfig = SptConfig()
    width: int = Field(32, ge=1)
    head: Literal["one_layer", "two_layer"] = "one_layer"
    output_dropout: Dropout = 0.3
    lengths: Literal["true", "ignored"] = "true"

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "SugrmConfig":
        heads = getattr(self.encoder, "heads", 1)
        if self.width % heads:
            raise ValueError(
                f"width {self.width} is not a multiple of encoder.heads {heads}: "
                "choose heads that divide width"
            )
        return self

    @property
    def pads_fully(self) -> bool:
        """Whether padding counts as frames."""
        return self.lengths == "ignored"
