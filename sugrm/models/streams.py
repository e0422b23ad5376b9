"""Attribute names of the encoders in a system that has one per stream.

The optimiser's groups go by these names: ``audio_encoder`` and ``vision_encoder`` can have rates
of their own. ``text_encoder`` is the pretrained one, so what reads its states is ``encoder``.
"""

from collections.abc import Mapping

from sugrm.types import Modality

STREAM_ENCODERS: Mapping[Modality, str] = {
    Modality.TEXT: "encoder",
    Modality.AUDIO: "audio_encoder",
    Modality.VISION: "vision_encoder",
}
