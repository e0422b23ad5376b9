"""``load``: a model folder as an object that scores new utterances."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sugrm.argument_checks import check_type, checked_size
from sugrm.data import Corpus, Utterances
from sugrm.errors import ArgumentError
from sugrm.prediction.building import BuiltModels, build_models
from sugrm.prediction.corpus_checks import check_corpus
from sugrm.prediction.description import ModelDescription
from sugrm.prediction.encoder_files import read_tokeniser
from sugrm.prediction.opening import open_folder, remarks_of
from sugrm.prediction.predictions import Floats, Predictions
from sugrm.prediction.scoring import Progress, score_feed
from sugrm.training.evaluation import metrics_of
from sugrm.training.experiment_checks import checked_split
from sugrm.training.feed import Feed, build_feed
from sugrm.training.seeding import choose_device
from sugrm.types import MODALITY_OF, Split, Task


class Predictor:
    """The models of a folder, ready to score utterances.

    Args:
        folder: the folder.
        description: its description; every file has been checked.
        models: its models.

    Attributes:
        folder: the folder.
        description: what the models are and what they read.
        device: the device that they compute on.
    """

    def __init__(self, folder: Path, description: ModelDescription, *, models: BuiltModels) -> None:
        self.folder, self.description = folder, description
        self._models = models.by_seed
        self._frozen = models.frozen
        self.device = next(next(iter(self._models.values())).parameters()).device
        files = description.text_encoder
        self._tokeniser = None if files is None else read_tokeniser(folder, files)

    def __repr__(self) -> str:
        """Return the system, its folder and its seeds."""
        seeds = ", ".join(map(str, self.seeds))
        return f"<Predictor {self.description.experiment.model.name} {self.folder} seeds {seeds}>"

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the models; scores are means over them."""
        return tuple(self._models)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that the models score."""
        return self.description.tasks

    def predict_corpus(
        self,
        corpus: Corpus,
        split: Split | str = Split.TEST,
        *,
        batch_size: int | None = None,
        progress: Progress | None = None,
    ) -> Predictions:
        """Return the scores of a split of a corpus, in its order.

        Args:
            corpus: the data, as ``load_corpus`` returns it.
            split: the split to score.
            batch_size: utterances of a batch; None takes that of training, with which the scores
                of a split equal those of the trial to the last bit on a CPU.
            progress: is called with the steps done and the steps in all.

        Raises:
            ArgumentError: an argument cannot be used, or the split is empty.
            DataError: the corpus is not like the one that the model was trained on.
        """
        check_type("corpus", corpus, kind=Corpus, expected="a Corpus")
        chosen = checked_split(split)
        size = None if batch_size is None else checked_size("batch_size", batch_size)
        if not len(corpus.splits[chosen]):
            raise ArgumentError(f"the corpus has no utterance in its split {chosen}")
        check_corpus(corpus, self.description.inputs)
        feed = self._feed(corpus, chosen)
        found = score_feed(
            self._models,
            feed,
            training=self.description.experiment.training,
            frozen=self._frozen,
            batch_size=size,
            progress=progress,
        )
        return Predictions(
            ids=feed.utterances.ids,
            by_seed=found,
            present=self._present(feed.utterances),
            labels=_labels(feed.utterances),
            cut=self._cut(feed),
        )

    def metrics(self, predictions: Predictions) -> dict[str, float]:
        """Return the metrics of predictions with labels; utterances without one do not count.

        Args:
            predictions: what a method of this object returned.

        Returns:
            Metric name -> value, as ``fit`` reports them; accuracies and F1 are fractions.

        Raises:
            ArgumentError: no utterance has a label.
        """
        labels = predictions.labels
        known = None if labels is None else np.isfinite(labels)
        if labels is None or known is None or not known.any():
            raise ArgumentError("predictions have no labels; expected an input with labels")
        return metrics_of(
            predictions.scores[known],
            labels[known],
            config=self.description.experiment,
            metrics=self.description.inputs.dataset.metrics,
        )

    def _feed(self, corpus: Corpus, split: Split) -> Feed:
        inputs = self.description.inputs
        alike = replace(corpus, dataset=inputs.dataset, padded_lengths=inputs.padded_lengths)
        return build_feed(
            self.description.experiment,
            alike,
            split=split,
            stored_ids=inputs.stored_ids,
            tokeniser=self._tokeniser,
        )

    def _present(self, utterances: Utterances) -> dict[str, NDArray[np.bool_]]:
        """Return task letter -> [N] whether the stream of a unimodal task has a step."""
        unimodal = [task for task in self.tasks if task in MODALITY_OF]
        return {task.value: utterances.present(MODALITY_OF[task]) for task in unimodal}

    def _cut(self, feed: Feed) -> int:
        """Return how many texts lost tokens behind the most that the model reads."""
        if self._tokeniser is None or feed.tokens is None or feed.segments is not None:
            return 0
        content, most = feed.utterances.content, self._tokeniser.max_tokens
        full = [row for row, ids in enumerate(feed.tokens) if len(ids) >= most]
        words = content.words if feed.words is not None else None
        texts = [content.raw_text[row] if words is None else " ".join(words[row]) for row in full]
        return self._tokeniser.cut_texts(texts) if texts else 0


def load(
    folder: str | os.PathLike[str],
    *,
    seeds: Sequence[int] | None = None,
    device: str = "auto",
) -> Predictor:
    """Return the model that ``sugrm-search export`` wrote into a folder, ready to score.

    Nothing but the folder is read: neither the hub nor a network, no pickle, no code. All files are
    checked before anything is built. The models of all seeds stay in memory.

    Args:
        folder: the folder.
        seeds: the seeds to load; None loads all of the ensemble.
        device: ``auto`` (the first GPU where there is one, else the CPU), ``cpu``, ``cuda`` ...

    Raises:
        ArgumentError: ``folder`` is no path, or a seed is not there.
        ModelFolderError: the folder is missing, damaged or something else; the message says what.
        SugrmError: there is no such device.

    Example:
        >>> from sugrm import load
        >>> load("OUT").predict(["What a film!"]).scores  # doctest: +SKIP
        array([1.8], dtype=float32)
    """
    place, description = open_folder(folder)
    for remark in remarks_of(place, description):
        warnings.warn(remark, stacklevel=2)
    chosen = choose_device(device)
    models = build_models(place, description, seeds=seeds, device=chosen)
    return Predictor(place, description, models=models)


def _labels(utterances: Utterances) -> Floats | None:
    return utterances.labels if np.isfinite(utterances.labels).any() else None
