"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import MultConfig, SptModelConfig, SugrmConfig, TextOnlyConfig

ModelConfig = Annotated[
    SugrmConfig | TextOnlyConfig | MultConfig | SptModelConfig, Field(discriminator="name")
]
