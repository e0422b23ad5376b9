"""Auxiliary losses against sums done by hand and a slow walk over all alignments."""

import itertools
import math

import pytest
import torch

from sugrm.config import ObjectiveConfig
from sugrm.objectives.auxiliary import alignment_loss, build_auxiliary, translation_loss
from sugrm.types import AlignmentScores, ModelOutput, Translation


def collapsed(path):
    """Return a path over blanks and places as CTC reads it: repeats merged, blanks dropped."""
    merged = [place for place, _ in itertools.groupby(path)]
    return [place for place in merged if place != 0]


def slow_ctc(probabilities, places):
    """Return -log of the sum over all paths that read 1, 2, ..., places."""
    steps, symbols = probabilities.shape
    total = 0.0
    for path in itertools.product(range(symbols), repeat=steps):
        if collapsed(path) == list(range(1, places + 1)):
            total += math.prod(float(probabilities[t, s]) for t, s in enumerate(path))
    return -math.log(total)


def scores(frame_lengths, place_lengths, steps=4, places=3):
    torch.manual_seed(0)
    logits = torch.randn(len(frame_lengths), steps, places + 1)
    return AlignmentScores(
        log_probabilities=logits.log_softmax(-1),
        frame_lengths=torch.tensor(frame_lengths),
        place_lengths=torch.tensor(place_lengths),
    )


def test_the_alignment_loss_sums_over_every_alignment():
    given = scores([4, 3], [3, 2])
    probabilities = given.log_probabilities.exp()
    expected = [
        slow_ctc(probabilities[0], 3) / 3,
        slow_ctc(probabilities[1, :3], 2) / 2,
    ]
    assert float(alignment_loss(given)) == pytest.approx(sum(expected) / 2, rel=1e-5)


def test_an_absent_stream_and_one_too_short_to_align_add_nothing():
    alone = alignment_loss(scores([4], [3]))
    with_absent = alignment_loss(scores([4, 0], [3, 3]))
    assert float(with_absent) == pytest.approx(float(alone), rel=1e-5)
    assert float(alignment_loss(scores([2], [3]))) == 0.0
    assert float(alignment_loss(scores([0], [0]))) == 0.0


def test_the_translation_loss_is_the_mean_over_real_steps():
    """Errors 1 and 3 on one real step of width 2, the padding is ignored: (1 + 9) / 2 = 5."""
    translation = Translation(
        name="forward",
        translated=torch.tensor([[[1.0, 3.0], [9.0, 9.0]]]),
        target=torch.zeros(1, 2, 2),
        lengths=torch.tensor([1]),
    )
    assert float(translation_loss(translation)) == 5.0


def test_auxiliary_losses_are_weighted_and_summed():
    """0.5 * 5 forward + 0.25 * 4 backward + 2 * 9 of the second level = 21.5."""

    def of(name, error):
        return Translation(
            name=name,
            translated=torch.full((1, 1, 1), error),
            target=torch.zeros(1, 1, 1),
            lengths=torch.tensor([1]),
        )

    config = ObjectiveConfig.model_validate(
        {"translation_weights": {"forward": 0.5, "backward": 0.25, "second_level": 2.0}}
    )
    output = ModelOutput(
        predictions={},
        features={},
        present={},
        translations=(
            of("forward", math.sqrt(5)),
            of("backward", 2.0),
            of("second_level", 3.0),
        ),
    )
    assert float(build_auxiliary(config)(output)) == pytest.approx(21.5)
    assert build_auxiliary(config)(ModelOutput(predictions={}, features={}, present={})) == 0.0
