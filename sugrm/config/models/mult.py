"""Options of MulT."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout, Section
from sugrm.types import Modality


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError(f"kernel size {size} is even: choose an odd one, which has a middle frame")
    return size


KernelSize = Annotated[int, Field(ge=1), AfterValidator(_odd)]


class KernelSizes(Section):
    """Frames that the temporal convolution of each stream sees, an odd number."""

    text: KernelSize = 1
    audio: KernelSize = 3
    vision: KernelSize = 3


class MultConfig(ModelSection):
    """MulT, the multimodal transformer (Tsai et al., ACL 2019).

    ``modalities`` are the streams that are read: with one, only its self-attention stack remains;
    with two, each reads the other. ``targets`` are the streams whose vectors reach the
    head, None all of them: one target is the paper's [V,A -> L]. ``self_layers`` None is as many
    as ``layers`` but at least 3, as in the released code. ``future_mask`` hides later keys from a
    query: on in the released code, not mentioned in the paper. ``text_dropout`` is on the text
    features; ``audio_attention_dropout`` and ``vision_attention_dropout`` are those of the stacks
    that read these streams, ``attention_dropout`` that of all others.
    """

    name: Literal["mult"] = "mult"
    modalities: Modalities = tuple(Modality)
    targets: Modalities | None = None
    width: int = Field(40, ge=1)
    heads: int = Field(10, ge=1)
    layers: int = Field(4, ge=1)
    self_layers: int | None = Field(None, ge=1)
    kernel_sizes: KernelSizes = KernelSizes()
    future_mask: bool = True
    text_dropout: Dropout = 0.2
    attention_dropout: Dropout = 0.2
    audio_attention_dropout: Dropout = 0.0
    vision_attention_dropout: Dropout = 0.0
    relu_dropout: Dropout = 0.2
    residual_dropout: Dropout = 0.2
    embedding_dropout: Dropout = 0.2
    output_dropout: Dropout = 0.1

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "MultConfig":
        if self.width % self.heads:
            raise ValueError(
                f"width {self.width} is not a multiple of heads {self.heads}: "
                "choose heads that divide width"
            )
        return self

    @model_validator(mode="after")
    def _targets_are_read(self) -> "MultConfig":
        if foreign := [m for m in self.targets or () if m not in self.modalities]:
            raise ValueError(
                f"targets names {', '.join(foreign)}, which modalities leaves out: "
                f"choose among {', '.join(self.modalities)}"
            )
        return self
