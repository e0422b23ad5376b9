"""Batches of random frames with lengths that a test chooses."""

import torch

from sugrm.types import Batch, Modality

AUDIO, VISION, TEXT = 3, 4, 6
"""D of the frames and of the text features."""


def batch_of(text, audio, vision) -> Batch:
    """Return a padded batch with these lengths; padding is noise, which must not matter."""
    torch.manual_seed(1)
    size = len(text)
    return Batch(
        text_features=torch.randn(size, max(*text, 1), TEXT),
        audio=torch.randn(size, max(*audio, 1), AUDIO),
        vision=torch.randn(size, max(*vision, 1), VISION),
        text_lengths=torch.tensor(text),
        audio_lengths=torch.tensor(audio),
        vision_lengths=torch.tensor(vision),
        labels=torch.linspace(-3, 3, size),
        index=torch.arange(size),
    )


def streams_of(batch: Batch) -> tuple[dict[Modality, torch.Tensor], dict[Modality, torch.Tensor]]:
    """Return the sequences and the lengths of a batch, as the encoders take them."""
    sequences = {
        Modality.TEXT: batch.text_features,
        Modality.AUDIO: batch.audio,
        Modality.VISION: batch.vision,
    }
    lengths = {
        Modality.TEXT: batch.text_lengths,
        Modality.AUDIO: batch.audio_lengths,
        Modality.VISION: batch.vision_lengths,
    }
    return sequences, lengths
