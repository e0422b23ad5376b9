"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import SugrmConfig, TextOnlyConfig

ModelConfig = Annotated[SugrmConfig | TextOnlyConfig, Field(discriminator="name")]
