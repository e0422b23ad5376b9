"""The base of every configuration section."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Dropout = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A probability of dropping a unit, in [0, 1)."""


class Section(BaseModel):
    """A frozen set of options that rejects unknown names and non-finite numbers.

    Attributes:
        ADDED: names of options that a later version added. While such an option has its default it
            is not part of a trial's key (``sugrm.config.identity``).
    """

    ADDED: ClassVar[tuple[str, ...]] = ()

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True
    )
