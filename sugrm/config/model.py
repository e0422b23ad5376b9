"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import (
    EfLstmConfig,
    LfLstmConfig,
    MagBertConfig,
    MctnConfig,
    MultConfig,
    RavenConfig,
    SptModelConfig,
    SugrmConfig,
    TextOnlyConfig,
    TfnConfig,
)

ModelConfig = Annotated[
    TextOnlyConfig
    | EfLstmConfig
    | LfLstmConfig
    | TfnConfig
    | RavenConfig
    | MctnConfig
    | MultConfig
    | SptModelConfig
    | MagBertConfig
    | SugrmConfig,
    Field(discriminator="name"),
]
