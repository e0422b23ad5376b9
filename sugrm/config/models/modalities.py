"""Which modalities a system reads, where the text leads."""

from sugrm.types import Modality


def led_by_text(modalities: tuple[Modality, ...]) -> tuple[Modality, ...]:
    """Return ``modalities`` if they are the text and then one or two others.

    Raises:
        ValueError: they are not.
    """
    others = modalities[1:]
    if modalities[:1] != (Modality.TEXT,) or not others or len(set(modalities)) < len(modalities):
        got = ", ".join(modalities) or "nothing"
        raise ValueError(f"modalities is text, then audio, vision or both; got {got}")
    return modalities
