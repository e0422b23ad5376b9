"""Joined frames against a loop over utterances, steps and streams."""

import pytest
import torch

from sugrm.modules.early_fusion import joined_frames
from sugrm.types import Modality

WIDTHS = {Modality.TEXT: 4, Modality.AUDIO: 2, Modality.VISION: 3}
LENGTHS = {Modality.TEXT: [3, 5, 0], Modality.AUDIO: [3, 0, 2], Modality.VISION: [6, 5, 2]}


def streams(*names):
    torch.manual_seed(0)
    return (
        {m: torch.randn(3, max(LENGTHS[m]) + 1, WIDTHS[m]) for m in names},
        {m: torch.tensor(LENGTHS[m]) for m in names},
    )


@pytest.mark.parametrize(
    ("names", "own"),
    [
        (tuple(Modality), [3, 5, 0]),
        ((Modality.TEXT, Modality.VISION), [3, 5, 0]),
        ((Modality.AUDIO, Modality.VISION), [6, 5, 2]),
        ((Modality.AUDIO,), [3, 0, 2]),
    ],
)
def test_a_step_holds_each_streams_frame_or_zeros(names, own):
    sequences, lengths = streams(*names)
    joined, found = joined_frames(sequences, lengths)
    assert found.tolist() == own
    for row in range(3):
        for step in range(own[row]):
            parts = [
                sequences[m][row, step] if step < LENGTHS[m][row] else torch.zeros(WIDTHS[m])
                for m in names
            ]
            assert torch.equal(joined[row, step], torch.cat(parts))


def test_the_text_gives_the_number_of_steps():
    sequences, lengths = streams(*Modality)
    assert joined_frames(sequences, lengths)[0].shape == (3, 6, 9)
    sequences, lengths = streams(Modality.AUDIO, Modality.VISION)
    assert joined_frames(sequences, lengths)[0].shape == (3, 7, 5)
