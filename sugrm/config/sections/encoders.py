"""Options of the sequence encoders, one frozen class per variant, chosen by ``name``."""

from typing import Annotated, Literal

from pydantic import Field

from sugrm.config.sections.section import Dropout, Section


class SptConfig(Section):
    """Sparse phased transformer (Cheng et al., EMNLP 2021), the paper's sequence encoder."""

    name: Literal["spt"] = "spt"
    layers: int = Field(4, ge=1)
    heads: int = Field(8, ge=1)
    stride: int = Field(5, ge=1)
    radius: tuple[int, int, int] = (8, 4, 3)
    phase: Literal["intended", "off"] = "intended"
    positions: Literal["frame", "nonzero"] = "frame"
    attention_dropout: Dropout = 0.3
    relu_dropout: Dropout = 0.3
    residual_dropout: Dropout = 0.3
    embedding_dropout: Dropout = 0.3


class TransformerConfig(Section):
    """Transformer encoder of Table 4: MulT's crossmodal stacks, or plain self-attention."""

    name: Literal["transformer"] = "transformer"
    layers: int = Field(4, ge=1)
    heads: int = Field(8, ge=1)
    attention: Literal["crossmodal", "self"] = "crossmodal"
    attention_dropout: Dropout = 0.3
    relu_dropout: Dropout = 0.3
    residual_dropout: Dropout = 0.3
    embedding_dropout: Dropout = 0.3


class LstmConfig(Section):
    """One LSTM per stream, read at its last real step; ``depth`` is its number of layers."""

    name: Literal["lstm"] = "lstm"
    depth: int = Field(1, ge=1)
    embedding_dropout: Dropout = 0.3


EncoderConfig = Annotated[SptConfig | TransformerConfig | LstmConfig, Field(discriminator="name")]
