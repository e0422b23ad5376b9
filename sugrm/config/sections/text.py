"""Options of the text encoder."""

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from sugrm.config.sections.section import Dropout, Section

_LayerName = Annotated[str, Field(min_length=1)]


class LoraConfig(Section):
    """LoRA: adapters of low rank are trained in place of the text encoder's weights.

    Beside each linear layer W of ``targets`` runs ``alpha / rank * B A``, with A of ``rank`` rows,
    behind a dropout of its own. A is drawn from the trial's seed and B is 0, so training begins
    with the pretrained encoder. ``targets`` are names of linear layers or their last parts, as
    ``query``; left out, they are the layers that make queries and values. The adapters have the
    learning rate and the weight decay of the group ``text``. They need higher rates than full
    fine-tuning: Hu et al. train RoBERTa at 2e-4 to 5e-4. The extra ``sugrm-search[lora]`` is
    needed.

    Source: Hu et al. 2022 (ICLR), Section 4.1 and Appendix D; the library peft.
    """

    rank: int = Field(8, ge=1)
    alpha: int = Field(16, ge=1)
    targets: tuple[_LayerName, ...] | None = Field(None, min_length=1)
    dropout: Dropout = 0.0


class TextConfig(Section):
    """Text encoder.

    ``name`` is a model of the Hugging Face hub, a folder, ``minilm`` (the extra of that name)
    or ``tiny`` (a small randomly initialised BERT with a vocabulary of its own). With
    ``finetune: false`` its hidden states are computed once per machine and read by all trials;
    ``tiny`` then has the same weights for every seed.

    ``finetune: true`` trains all of its weights or, with ``lora``, adapters alone: its own
    weights are then the same in every trial (those of ``tiny`` too) and no checkpoint holds them,
    but its dropout acts as in fine-tuning. ``finetune: false`` trains nothing of it, so ``lora`` is
    rejected beside it.

    ``max_tokens`` includes the marks around a text and is at most what the encoder's positions
    allow: 512 for BERT and RoBERTa.
    """

    ADDED: ClassVar[tuple[str, ...]] = ("lora",)

    name: str = Field("bert-base-uncased", min_length=1)
    finetune: bool = True
    max_tokens: int = Field(50, ge=3, le=8192)
    lora: LoraConfig | None = None

    @model_validator(mode="after")
    def _adapters_are_trained(self) -> "TextConfig":
        if self.lora is not None and not self.finetune:
            raise ValueError(
                "model.text.lora trains adapters, and model.text.finetune: false trains nothing of "
                "the text encoder; got both; set finetune: true (with lora the encoder's own "
                "weights stay as they are), or lora: null"
            )
        return self

    @property
    def trains_weights(self) -> bool:
        """Whether the encoder's own weights are trained."""
        return self.finetune and self.lora is None
