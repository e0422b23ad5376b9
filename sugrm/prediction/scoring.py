"""Scoring a corpus with the models of a folder, by the code of training's own evaluation.

Texts, frames, padding and batches, by length, are those of ``sugrm.training``: on a CPU the scores
of a split equal those that the trial recorded, to the last bit. A frozen text encoder's states are
computed for some thousand utterances at a time, so that they fit into memory; in training they are
computed for a whole split. A split of up to ``CHUNK`` utterances gives the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from torch import nn

from sugrm.config.sections.training import TrainingConfig
from sugrm.modules.text_encoder import TextEncoder
from sugrm.training.batching.by_length import evaluation_order, restored
from sugrm.training.evaluation import predict
from sugrm.training.feed import Feed
from sugrm.training.frozen_text import encode_texts
from sugrm.types import Task

CHUNK = 16384
"""Most utterances whose hidden states are in memory at a time."""
_BATCHES = 8  # between two reports of progress

Floats = NDArray[np.float32]
Scores = dict[str, Floats]
Progress = Callable[[int, int], None]
"""Is called with the steps done and the steps in all: utterances times models."""


def score_feed(
    models: Mapping[int, nn.Module],
    feed: Feed,
    *,
    training: TrainingConfig,
    frozen: TextEncoder | None = None,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> dict[int, Scores]:
    """Return seed -> task letter -> [N] scores of the utterances of a feed, in their order.

    Args:
        models: seed -> model, all on one device.
        feed: the utterances, at least one.
        training: the options of training, whose precision and batch size are used.
        frozen: the frozen text encoder that stands outside of the models; None without one.
        batch_size: utterances of a batch; None takes that of training.
        progress: is called from time to time.
    """
    size = batch_size or training.batch_size
    done, steps = 0, len(feed) * len(models)
    parts: dict[int, list[dict[Task, Floats]]] = {seed: [] for seed in models}
    order = evaluation_order(feed, range(len(feed)))
    for rows in _chunks(order.tolist(), size=size):
        device = next(next(iter(models.values())).parameters()).device
        fed = feed
        if frozen is not None:
            fed = feed.with_states(encode_texts(frozen, feed, device=device, rows=rows))
        for seed, model in models.items():
            for some in _pieces(rows, size * _BATCHES):
                parts[seed].append(
                    predict(model, fed, batch_size=size, precision=training.precision, rows=some)
                )
                done += len(some)
                if progress is not None:
                    progress(done, steps)
    return {seed: _joined(found, order) for seed, found in parts.items()}


def _chunks(rows: list[int], *, size: int) -> Iterator[list[int]]:
    """Yield rows whose states are in memory together, in whole batches."""
    yield from _pieces(rows, max(1, CHUNK // size) * size)


def _pieces(rows: list[int], most: int) -> Iterator[list[int]]:
    yield from (rows[start : start + most] for start in range(0, len(rows), most))


def _joined(parts: Sequence[Mapping[Task, Floats]], order: NDArray[np.int64]) -> Scores:
    """Return task letter -> scores in the order of the split, from parts in ``order``."""
    joined = {task: np.concatenate([part[task] for part in parts]) for task in parts[0]}
    return {task.value: restored(scores, order) for task, scores in joined.items()}
