"""The batches of a training epoch."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from sugrm.config import resolve
from sugrm.training.batching.by_length import steps_of
from sugrm.training.batching.drawing import POOL, draw_batches
from sugrm.training.feed import build_feed
from sugrm.training.run import TrainingRun
from sugrm.types import Split


@pytest.fixture
def feed(experiment, corpus):
    """Return 48 utterances: with batches of 2, three pools; with batches of 5, three are left."""
    return build_feed(experiment(), corpus, split=Split.TRAIN)


def drawn(feed, batches, size, generator=None):
    training = resolve({"training": {"batches": batches, "batch_size": size}}).training
    return draw_batches(feed, training, generator=generator or torch.Generator().manual_seed(1))


def all_steps(feed):
    return steps_of(feed, np.arange(len(feed)))


def padding(feed, batches):
    """Return the steps of all batches padded to their longest utterance."""
    steps = all_steps(feed)
    return sum(len(rows) * steps[rows].max() for rows in batches)


def test_shuffled_batches_are_a_permutation_cut_into_pieces(feed):
    order = torch.randperm(48, generator=torch.Generator().manual_seed(1))
    assert drawn(feed, "shuffled", 5) == [rows.tolist() for rows in order.split(5)]


@pytest.mark.parametrize("size", [2, 5, 48, 100])
def test_every_utterance_is_in_one_batch_and_one_batch_may_be_incomplete(feed, size):
    batches = drawn(feed, "similar_length", size)
    assert sorted(row for rows in batches for row in rows) == list(range(48))
    sizes = sorted(map(len, batches), reverse=True)
    assert sizes == [size] * (48 // size) + [48 % size] * (48 % size > 0)


def test_batches_of_similar_length_are_sorted_pools_in_a_shuffled_order(feed):
    order = torch.randperm(48, generator=torch.Generator().manual_seed(1))
    steps, batches = all_steps(feed), drawn(feed, "similar_length", 2)
    place = {row: n // (2 * POOL) for n, row in enumerate(order.tolist())}
    for pool in range(3):
        own = [rows for rows in batches if place[rows[0]] == pool]
        assert all(place[row] == pool for rows in own for row in rows)
        ends = sorted(tuple(sorted(steps[rows])) for rows in own)
        assert all(left[1] <= right[0] for left, right in pairwise(ends))
    longest = [max(steps[rows]) for rows in batches]
    assert longest != sorted(longest)
    assert longest != sorted(longest, reverse=True)


def test_batches_of_similar_length_compute_less_padding(feed):
    assert padding(feed, drawn(feed, "similar_length", 4)) < 0.9 * padding(
        feed, drawn(feed, "shuffled", 4)
    )


def test_an_incomplete_batch_is_not_always_of_the_shortest_or_longest(feed):
    generator, steps = torch.Generator().manual_seed(1), all_steps(feed)
    epochs = [drawn(feed, "similar_length", 5, generator) for _ in range(20)]
    left = [row for batches in epochs for rows in batches if len(rows) == 3 for row in rows]
    assert abs(steps[left].mean() - steps.mean()) < 0.5 * steps.std()
    assert len({tuple(batches[0]) for batches in epochs}) == 20


@pytest.mark.slow
def test_a_resumed_run_draws_the_batches_of_an_unbroken_one(experiment, corpus, tmp_path):
    config = experiment({"training": {"batches": "similar_length", "batch_size": 5}})
    whole = TrainingRun(config, corpus, seed=5)
    losses = [whole.run_epoch().train_loss for _ in range(2)]
    TrainingRun(config, corpus, seed=5, checkpoint=tmp_path).run_epoch()
    resumed = TrainingRun(config, corpus, seed=5, checkpoint=tmp_path)
    assert resumed.history[0].train_loss == losses[0]
    assert resumed.run_epoch().train_loss == losses[1]
    shuffled = TrainingRun(experiment({"training": {"batch_size": 5}}), corpus, seed=5)
    assert shuffled.run_epoch().train_loss != losses[0]
