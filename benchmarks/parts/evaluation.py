"""Predictions of a split in batches by length, against batches in the order of the split.

The split has MOSI's numbers of utterances and lengths; weights are random. Both ways go through
`predict`, the evaluation of every fit, and give the same predictions, which is checked first. With
tokens, a system reads them through a text encoder of MiniLM's shape.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import nn

from benchmarks.measuring import Case, Row, compare
from benchmarks.parts.corpora import BATCH, MOSI, TINY, Sizes
from benchmarks.parts.feeds import random_feed
from benchmarks.parts.text_encoder import VOCABULARY, encoder
from sugrm import build_model, resolve
from sugrm.models import build_around
from sugrm.training.evaluation import predict
from sugrm.training.feed import Feed
from sugrm.types import Modality, Task

Options = Mapping[str, Any]

SYSTEMS: Mapping[str, Options] = {
    "LF-LSTM": {"preset": ["lf_lstm"], "model": {"name": "lf_lstm"}},
    "SUGRM": {"preset": ["mosi", "paper"]},
    "Self-MM": {"preset": ["self_mm"], "model": {"name": "self_mm"}},
}


def in_order(model: nn.Module, feed: Feed) -> np.ndarray:
    """Return the predictions from batches in the order of the split."""
    with patch(
        "sugrm.training.evaluation.evaluation_order", lambda feed, rows: np.arange(len(rows))
    ):
        return by_length(model, feed)


def by_length(model: nn.Module, feed: Feed) -> np.ndarray:
    """Return the predictions from batches by length."""
    return predict(model, feed, batch_size=BATCH)[Task.MULTIMODAL]


def case(name: str, model: nn.Module, feed: Feed) -> Case:
    """Return both ways of one model, after checking that their numbers are equal."""
    np.testing.assert_allclose(by_length(model, feed), in_order(model, feed), atol=1e-4)
    return Case(
        name=f"{len(feed)} utterances by length, {name}",
        ours=partial(by_length, model, feed),
        base=partial(in_order, model, feed),
        against="batches in the order of the split",
        pairs=3,
    )


def widths(sizes: Sizes) -> dict[str, int]:
    """Return the widths of audio and vision as ``build_model`` takes them."""
    return {
        "audio_width": sizes.widths[Modality.AUDIO],
        "vision_width": sizes.widths[Modality.VISION],
    }


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield a row for each system that reads features, and for a text encoder alone."""
    sizes, count = (TINY, 40) if quick else (MOSI, 686)
    feed = random_feed(sizes, count=count)
    for name, options in [*SYSTEMS.items()][: 1 if quick else None]:
        torch.manual_seed(0)
        model = build_model(
            resolve(options), text_width=sizes.widths[Modality.TEXT], **widths(sizes)
        )
        yield compare(case(name, model, feed), quick=quick)
    text = encoder("tiny" if quick else "MiniLM")
    config = resolve({"model": {"name": "text_only"}})
    model = build_around(config, text, sizes=widths(sizes))
    tokens = random_feed(sizes, count=count, vocabulary=VOCABULARY)
    yield compare(case("text alone through MiniLM", model, tokens), quick=quick)
