"""The batches of a training epoch: shuffled, or of similar length as far as shuffling allows."""

import numpy as np
import torch

from sugrm.config.sections.training import TrainingConfig
from sugrm.training.batching.by_length import Places, steps_of
from sugrm.training.feed import Feed

POOL = 8
"""Batches whose utterances are sorted by length together."""


def draw_batches(
    feed: Feed, training: TrainingConfig, *, generator: torch.Generator
) -> list[list[int]]:
    """Return the rows of each batch of an epoch; each row is in one batch.

    ``similar_length`` shuffles the rows, sorts each ``POOL`` batches of them by length, cuts these
    into batches and shuffles the batches. An incomplete batch holds rows drawn from all, so that
    rows of no length are weighted more than others.

    Args:
        feed: the training split.
        training: the options of training; ``batches`` and ``batch_size`` are read.
        generator: what the shuffling draws from.
    """
    size = training.batch_size
    order = torch.randperm(len(feed), generator=generator).numpy()
    if training.batches == "shuffled":
        return [rows.tolist() for rows in _cut(order, size)]
    whole = len(order) - len(order) % size
    batches: list[Places] = []
    for pool in _cut(order[:whole], POOL * size):
        batches += _cut(pool[np.argsort(steps_of(feed, pool), kind="stable")], size)
    batches += _cut(order[whole:], size)
    return [batches[n].tolist() for n in torch.randperm(len(batches), generator=generator)]


def _cut(rows: Places, size: int) -> list[Places]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
