"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import MctnConfig, RavenConfig, SugrmConfig, TextOnlyConfig

ModelConfig = Annotated[
    SugrmConfig | TextOnlyConfig | RavenConfig | MctnConfig, Field(discriminator="name")
]
