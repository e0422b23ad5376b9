"""Options of MAG-BERT."""

from typing import ClassVar, Literal

from pydantic import Field, PositiveFloat, field_validator

from sugrm.config.models.modalities import Modalities
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class MagBertConfig(ModelSection):
    """MAG-BERT (Rahman et al., ACL 2020): a gate inside the text encoder.

    Audio and vision shift the states that enter a layer: with ``layer`` 0 what the first layer
    reads, with i what layer i has made. ``beta`` bounds a shift, as a share of a state's size.
    With the text as the only one of its ``modalities`` it is the fine-tuned encoder without a
    gate. A frozen text encoder still passes gradients to the gate.
    """

    STEPWISE: ClassVar[bool] = True
    UNALIGNED: ClassVar[bool] = False
    READS_TOKENS: ClassVar[bool] = True

    name: Literal["mag_bert"] = "mag_bert"
    modalities: Modalities = tuple(Modality)
    layer: int = Field(0, ge=0)
    beta: PositiveFloat = 1.0
    gate_dropout: Dropout = 0.5
    output_dropout: Dropout = 0.1

    @field_validator("modalities")
    @classmethod
    def _text_is_among_them(cls, modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
        if Modality.TEXT not in modalities:
            raise ValueError("modalities needs text: the gate works inside the text encoder")
        return modalities
