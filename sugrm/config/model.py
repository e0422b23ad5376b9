"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import (
    EfLstmConfig,
    LfLstmConfig,
    SugrmConfig,
    TextOnlyConfig,
    TfnConfig,
)

ModelConfig = Annotated[
    SugrmConfig | TextOnlyConfig | EfLstmConfig | LfLstmConfig | TfnConfig,
    Field(discriminator="name"),
]
