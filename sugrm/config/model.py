"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import MagBertConfig, SugrmConfig, TextOnlyConfig

ModelConfig = Annotated[SugrmConfig | MagBertConfig | TextOnlyConfig, Field(discriminator="name")]
