"""Options of the text encoder."""

from pydantic import Field

from sugrm.config.sections.section import Section


class TextConfig(Section):
    """Text encoder.

    ``name`` is a model of the Hugging Face hub, a folder, ``minilm`` (the extra of that name)
    or ``tiny`` (a small randomly initialised BERT with a vocabulary of its own). With
    ``finetune: false`` its hidden states are computed once per machine and read by all trials;
    ``tiny`` then has the same weights for every seed.
    """

    name: str = Field("bert-base-uncased", min_length=1)
    finetune: bool = True
    max_tokens: int = Field(50, ge=3, le=512)
