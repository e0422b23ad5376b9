"""The data of one run: the batches of each split, and the sizes that its model is built for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus, TextStates
from sugrm.training.feed import Feed, build_feed
from sugrm.training.frozen_text import text_states
from sugrm.training.start.weights import StartWeights
from sugrm.types import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class RunData:
    """What one run reads.

    Attributes:
        feeds: the batches of each split.
        states: hidden states of a frozen text encoder; None where the model holds the encoder, or
            the corpus brings text features.
        sizes: the keyword arguments of ``build_model`` for this corpus: widths of the streams,
            the largest absolute label and the most tokens of an utterance.
        metrics: ``metrics`` of the dataset's description.
    """

    feeds: Mapping[Split, Feed]
    states: TextStates | None
    sizes: Mapping[str, Any]
    metrics: str


def read_run_data(
    config: ExperimentConfig,
    corpus: Corpus,
    *,
    device: torch.device,
    states_key: str | None,
    start: StartWeights | None = None,
) -> RunData:
    """Return the data of a run, its hidden states computed where this machine lacks them.

    Args:
        config: the experiment.
        corpus: the data.
        device: the device to compute hidden states on.
        states_key: the key of the hidden states; None computes it from the encoder's weights.
        start: the weights that the run starts from; None for initial ones.

    Raises:
        SugrmError: the text encoder, its tokeniser or the cache cannot be used, or aligned streams
            lack frames.
    """
    states = text_states(config, corpus, device=device, key=states_key, start=start)
    feeds = {split: build_feed(config, corpus, split=split, states=states) for split in Split}
    sizes = {
        "audio_width": corpus.audio_width,
        "vision_width": corpus.vision_width,
        "text_width": states.width if states else corpus.text_width,
        "label_bound": corpus.dataset.label_bound,
        "text_steps": max(feed.text_steps for feed in feeds.values()),
    }
    return RunData(feeds=feeds, states=states, sizes=sizes, metrics=corpus.dataset.metrics)
