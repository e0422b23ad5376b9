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


def led_by_text(modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
    """Return ``modalities``, which must be the text and then one or two others.

    Raises:
        ValueError: they are others.
    """
    others = modalities[1:]
    if modalities[:1] != (Modality.TEXT,) or not others or len(set(modalities)) < len(modalities):
        got = ", ".join(modalities) or "nothing"
        raise ValueError(f"modalities is text, then audio, vision or both; got {got}")
    return modalities


def _text_and_others(modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
    return _distinct(led_by_text(modalities))


Modalities = Annotated[tuple[Modality, ...], AfterValidator(_distinct)]
"""At least one stream, none twice; their order has no meaning."""
TextAndOthers = Annotated[tuple[Modality, ...], AfterValidator(_text_and_others)]
"""The text, then at least one other stream; the order of the others has no meaning."""
