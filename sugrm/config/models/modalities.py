"""Which streams a system reads, where that is an option."""

from typing import Annotated

from pydantic import AfterValidator

from sugrm.types import Modality


def _distinct(modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
    if not modalities:
        raise ValueError(f"modalities needs at least one of {', '.join(Modality)}; got none")
    if len(set(modalities)) != len(modalities):
        raise ValueError(f"modalities names one twice: {', '.join(modalities)}")
    return tuple(m for m in Modality if m in modalities)


Modalities = Annotated[tuple[Modality, ...], AfterValidator(_distinct)]
"""At least one stream, none twice; their order says nothing."""
