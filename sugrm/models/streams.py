"""What the encoder of each stream is called in a system that has one for each.

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
