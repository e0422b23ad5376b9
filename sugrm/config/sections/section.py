"""The base of every configuration section."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Dropout = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A probability of dropping a unit, in [0, 1)."""


class Section(BaseModel):
    """A frozen set of options that rejects unknown names and non-finite numbers."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True
    )
