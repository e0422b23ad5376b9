"""Predictions and metrics of a split."""

import re
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.sections.training import TrainingConfig
from sugrm.data import Corpus
from sugrm.errors import ArgumentError, first_line
from sugrm.metrics import score
from sugrm.objectives import build_objective
from sugrm.training.batching.by_length import evaluation_order, restored
from sugrm.training.experiment_checks import check_experiment, check_model, checked_split
from sugrm.training.feed import Feed, build_feed
from sugrm.training.frozen_text import text_states
from sugrm.training.optimisation.precision import autocast
from sugrm.training.records import SplitPredictions
from sugrm.types import Split, Task

_UNFIT = re.compile(
    r"shape|size of tensor|sizes of tensors|mat1 and mat2|must be equal to input_size"
    r"|expected input\[|required .forward. function",
    re.IGNORECASE,
)
"""Torch's messages for a tensor of an unexpected size, or a model without ``forward``."""


def predict(
    model: nn.Module,
    feed: Feed,
    *,
    batch_size: int,
    precision: str = "auto",
    rows: Sequence[int] | None = None,
) -> dict[Task, NDArray[np.float32]]:
    """Return each task's [N] predictions, in the order of the split, or of ``rows`` of it.

    Batches are formed by length (``sugrm.training.batching.by_length``).
    """
    chosen = np.arange(len(feed)) if rows is None else np.asarray(rows, dtype=np.int64)
    order = evaluation_order(feed, chosen)
    device = next(model.parameters()).device
    parts: dict[Task, list[torch.Tensor]] = {}
    was_training = model.training
    model.eval()
    with torch.inference_mode(), autocast(device, precision):
        for start in range(0, len(order), batch_size):
            batch_rows = chosen[order[start : start + batch_size]].tolist()
            output = model(feed.batch(batch_rows).to(str(device)))
            for task, prediction in output.predictions.items():
                parts.setdefault(task, []).append(prediction.float())
    model.train(was_training)
    return {task: restored(torch.cat(found).cpu().numpy(), order) for task, found in parts.items()}


def metrics_of(
    predictions: NDArray[np.float32],
    labels: NDArray[np.float32],
    *,
    config: ExperimentConfig,
    metrics: str,
) -> dict[str, float]:
    """Return the metrics of the multimodal predictions [N].

    Args:
        predictions: [N] predicted sentiment.
        labels: [N] human sentiment.
        config: the experiment, whose objective gives ``loss``.
        metrics: ``metrics`` of the dataset's description.
    """
    objective = build_objective(config.objective, batch_size=config.training.batch_size)
    loss = objective.evaluation_loss(torch.tensor(predictions), torch.tensor(labels))
    return {"loss": float(loss), **score(predictions, labels, metrics=metrics)}


def evaluate(
    model: nn.Module, config: ExperimentConfig, corpus: Corpus, split: Split | str = Split.TEST
) -> dict[str, float]:
    """Return the metrics of a model on a split; texts are read as ``fit`` reads them.

    Args:
        model: the model, from ``fit``, ``load_trained`` or ``build_model``.
        config: the experiment that the model was built from.
        corpus: the data.
        split: the split to score: train, valid or test.

    Returns:
        Metric name -> value; accuracies and F1 are fractions.

    Raises:
        SugrmError: an argument cannot be used, or the model was built for another experiment.
    """
    chosen = checked_split(split)
    check_model(model)
    check_experiment(config, corpus, splits=[chosen])
    states = text_states(config, corpus, device=next(model.parameters()).device)
    feed = build_feed(config, corpus, split=chosen, states=states)
    try:
        predictions = predict(model, feed, batch_size=config.training.batch_size)
    except torch.OutOfMemoryError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not _UNFIT.search(str(error)):
            raise  # for example an error of the device
        raise _foreign_model(model, corpus, why=first_line(error)) from error
    if missing := [task for task in config.objective.tasks if task not in predictions]:
        raise _foreign_model(model, corpus, why=f"it has no head for {', '.join(missing)}")
    return metrics_of(
        predictions[Task.MULTIMODAL],
        feed.utterances.labels,
        config=config,
        metrics=corpus.dataset.metrics,
    )


def _foreign_model(model: nn.Module, corpus: Corpus, *, why: str) -> ArgumentError:
    return ArgumentError(
        f"model {type(model).__name__} cannot score the corpus {corpus.name} ({why}); expected a "
        "model that was built for this config and this corpus, as fit(config, corpus).model"
    )


def predict_split(
    model: nn.Module, feed: Feed, *, training: TrainingConfig, rows: Sequence[int] | None = None
) -> SplitPredictions:
    """Return the predictions for a split, or for ``rows`` of it, with their ids and labels."""
    found = predict(
        model, feed, batch_size=training.batch_size, precision=training.precision, rows=rows
    )
    ids, labels = feed.utterances.ids, feed.utterances.labels
    if rows is not None:
        ids, labels = [ids[row] for row in rows], labels[list(rows)]
    by_letter = {task.value: values for task, values in found.items()}
    return SplitPredictions(ids=ids, labels=labels, predictions=by_letter)
