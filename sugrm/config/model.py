"""Options of the models, one frozen class a variant, chosen by ``name``."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sugrm.config.section import Dropout, Section


class TextConfig(Section):
    """Text encoder.

    ``name`` is a model of the Hugging Face hub, a folder, ``minilm`` (the extra of that name)
    or ``tiny`` (a small randomly initialised BERT with a vocabulary of its own).
    """

    name: str = Field("bert-base-uncased", min_length=1)
    finetune: bool = True
    max_tokens: int = Field(50, ge=3, le=512)


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
    """One LSTM a stream, the last real step read; ``depth`` layers, as Self-MM has one."""

    name: Literal["lstm"] = "lstm"
    depth: int = Field(1, ge=1)
    embedding_dropout: Dropout = 0.3


EncoderConfig = Annotated[SptConfig | TransformerConfig | LstmConfig, Field(discriminator="name")]


class SugrmConfig(Section):
    """SUGRM (Hwang & Kim 2023): recalibration, sequence encoder, four heads.

    ``lengths: ignored`` treats padding as frames, as the released code does; ``head`` chooses
    between the paper's one hidden layer and the released two.
    """

    name: Literal["sugrm"] = "sugrm"
    text: TextConfig = TextConfig()
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


ModelConfig = SugrmConfig
