"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import (
    MagBertConfig,
    MctnConfig,
    RavenConfig,
    SugrmConfig,
    TextOnlyConfig,
)

ModelConfig = Annotated[
    TextOnlyConfig | RavenConfig | MctnConfig | MagBertConfig | SugrmConfig,
    Field(discriminator="name"),
]
