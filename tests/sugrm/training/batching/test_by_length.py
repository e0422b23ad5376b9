"""The order in which an evaluation forms its batches."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sugrm.training.batching.by_length import evaluation_order, steps_of
from sugrm.training.evaluation import predict
from sugrm.training.feed import build_feed
from sugrm.training.frozen_text import text_states
from sugrm.types import ModelOutput, Split, Task

FROZEN = {"model": {"text": {"finetune": False}}}


def lengths(feed, row, *, text=True):
    """Return the steps of an utterance, counted in a batch of its own."""
    batch = feed.batch([row])
    frames = int(batch.audio_lengths) + int(batch.vision_lengths)
    return frames + int(batch.text_lengths) * text


def all_steps(feed):
    return steps_of(feed, np.arange(len(feed)))


def test_the_longest_come_first_and_of_equal_ones_the_lower_row(experiment, corpus):
    feed = build_feed(experiment(), corpus, split=Split.TRAIN)
    assert all_steps(feed).tolist() == [lengths(feed, row) for row in range(len(feed))]
    order = evaluation_order(feed, range(len(feed))).tolist()
    assert order == sorted(range(len(feed)), key=lambda row: (-lengths(feed, row), row))
    assert len(set(all_steps(feed))) < len(feed)  # some are equally long


def test_rows_in_this_order_stay_in_it_and_others_are_sorted(experiment, corpus):
    feed = build_feed(experiment(), corpus, split=Split.TRAIN)
    rows = evaluation_order(feed, range(len(feed)))
    assert evaluation_order(feed, rows).tolist() == list(range(len(feed)))
    some = [int(row) for row in rows[[3, 0, 7]]]
    assert evaluation_order(feed, some).tolist() == [1, 0, 2]


def test_only_the_rows_in_question_are_counted(experiment, corpus):
    """A long split is scored a few hundred rows at a time."""
    feed = build_feed(experiment(), corpus, split=Split.TRAIN)

    class Counted(list):
        read = 0

        def __getitem__(self, row):
            self.read += 1
            return super().__getitem__(row)

        def __iter__(self):
            raise AssertionError("all rows are read")

    tokens = Counted(feed.tokens)
    rows = np.array([40, 3, 17])
    found = steps_of(replace(feed, tokens=tokens), rows)
    assert found.tolist() == [lengths(feed, row) for row in rows]
    assert tokens.read == 3


def test_a_stream_that_is_not_read_does_not_count(experiment, corpus):
    config = experiment({"model": {"modalities": ["audio", "vision"]}})
    feed = build_feed(config, corpus, split=Split.TRAIN)
    counted = [lengths(feed, row, text=False) for row in range(len(feed))]
    assert all_steps(feed).tolist() == counted


def test_states_of_a_frozen_encoder_count_as_their_tokens(experiment, corpus):
    config = experiment(FROZEN)
    tokens = build_feed(config, corpus, split=Split.TEST)
    states = text_states(config, corpus, device=torch.device("cpu"))
    read = build_feed(config, corpus, split=Split.TEST, states=states)
    assert all_steps(read).tolist() == all_steps(tokens).tolist()


def test_where_padding_counts_the_order_is_that_of_the_split(experiment, corpus):
    feed = build_feed(experiment(preset=("mosi", "released")), corpus, split=Split.TRAIN)
    assert evaluation_order(feed, [5, 2, 9]).tolist() == [0, 1, 2]


class Rows(torch.nn.Module):
    """Predict the row of each utterance and keep the frames of each batch."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.padded = 0

    def forward(self, batch):
        self.padded += batch.audio.shape[0] * batch.audio.shape[1]
        rows = batch.index.float()
        return ModelOutput(predictions={Task.MULTIMODAL: rows}, features={}, present={})


def padded(feed, rows):
    """Return the frames of audio in batches of three rows, as they come."""
    given = np.array([len(feed.utterances.audio(row)) for row in rows])
    return sum(len(part) * max(part) for part in np.split(given, range(3, len(given), 3)))


@pytest.mark.parametrize("rows", [None, [40, 3, 17, 8, 25, 11, 2]])
def test_predictions_come_in_the_order_of_the_rows(experiment, corpus, rows):
    feed, model = build_feed(experiment(), corpus, split=Split.TRAIN), Rows()
    chosen = range(len(feed)) if rows is None else rows
    found = predict(model, feed, batch_size=3, rows=rows)[Task.MULTIMODAL]
    assert found.tolist() == list(chosen)
    assert model.padded <= padded(feed, chosen)


def test_batches_by_length_hold_less_padding(experiment, corpus):
    feed, model = build_feed(experiment(), corpus, split=Split.TRAIN), Rows()
    predict(model, feed, batch_size=3)
    assert model.padded < padded(feed, range(len(feed)))
