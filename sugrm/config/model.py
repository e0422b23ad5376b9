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
    SelfMmConfig,
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
    | SelfMmConfig
    | SugrmConfig,
    Field(discriminator="name"),
]
