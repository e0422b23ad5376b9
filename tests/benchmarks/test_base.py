"""The plain implementations give the numbers of the package."""

import numpy as np
import pytest
import torch

from benchmarks.parts.corpora import MOSI, TINY, lengths_of, random_batch
from benchmarks.parts.feeds import random_feed
from benchmarks.parts.models import NO_DROPOUT, both, gradients
from sugrm.types import Modality, Task

VARIANTS = {
    "phase": {},
    "no phase": {"model": {"encoder": {"phase": "off", "positions": "nonzero"}}},
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["real", "uniform"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_plain_model_predicts_the_same_at_unequal_lengths_without_some_streams(variant, kind):
    batch = random_batch(TINY, kind, count=8, absent=True)
    ours, plain = (model.eval()(batch) for model in both(TINY, VARIANTS[variant]))
    for task in Task:
        torch.testing.assert_close(
            ours.predictions[task], plain.predictions[task], rtol=1e-5, atol=1e-5
        )
        assert torch.equal(ours.present[task], plain.present[task])


@pytest.mark.slow
def test_the_plain_model_has_the_same_gradients():
    batch = random_batch(TINY, "real", count=8, absent=True)
    ours, plain = (gradients(model.train(), batch) for model in both(TINY, NO_DROPOUT))
    assert ours.keys() == plain.keys()
    scale = max(gradient.abs().max().item() for gradient in ours.values())
    for name, gradient in ours.items():
        torch.testing.assert_close(gradient, plain[name], rtol=1e-5, atol=1e-5 * scale)


def test_lengths_are_those_of_the_table_and_at_most_the_padded_ones():
    """MOSI's utterances last 4.2 s on average and have 15 tokens, at 20 and 27 frames a second."""
    found = lengths_of(MOSI, "real", count=128, random=np.random.default_rng(0))
    assert found[Modality.AUDIO].mean() == pytest.approx(4.2 * 20, rel=0.1)
    assert found[Modality.TEXT].mean() == pytest.approx(15.2, rel=0.1)
    assert all(lengths.max() <= MOSI.steps[m] for m, lengths in found.items())
    assert min(lengths.min() for lengths in found.values()) >= 1


@pytest.mark.parametrize("vocabulary", [None, 30])
def test_a_random_split_gives_batches_with_the_lengths_of_its_utterances(vocabulary):
    feed = random_feed(TINY, count=5, vocabulary=vocabulary)
    batch = feed.batch(range(5))
    assert batch.audio_lengths.tolist() == [len(feed.utterances.audio(row)) for row in range(5)]
    assert batch.audio.shape[1] == batch.audio_lengths.max()
    assert (batch.token_ids is None) == (vocabulary is None)
