"""The options of any system, chosen by ``name``."""

from typing import Annotated

from pydantic import Field

from sugrm.config.models import SelfMmConfig, SugrmConfig, TextOnlyConfig

ModelConfig = Annotated[TextOnlyConfig | SelfMmConfig | SugrmConfig, Field(discriminator="name")]
