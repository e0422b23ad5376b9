"""The object that scores new utterances."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sugrm.argument_checks import check_type, checked_size
from sugrm.data import Corpus, Utterances, id_warnings, inputs_of_records, read_inputs
from sugrm.data.cache.content import LengthSource
from sugrm.errors import ArgumentError
from sugrm.prediction.building import BuiltModels
from sugrm.prediction.corpus_checks import check_corpus
from sugrm.prediction.description import ModelDescription
from sugrm.prediction.encoder_files import read_tokeniser
from sugrm.prediction.predictions import Floats, Predictions
from sugrm.prediction.scoring import Progress, score_feed
from sugrm.training.evaluation import metrics_of
from sugrm.training.experiment_checks import checked_split
from sugrm.training.feed import Feed, build_feed
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
        threads: the threads of PyTorch that score on a CPU: by default those of training, with
            which scores equal those of the trial to the last bit. More are faster.
    """

    def __init__(self, folder: Path, description: ModelDescription, *, models: BuiltModels) -> None:
        self.folder, self.description = folder, description
        self._models = models.by_seed
        self._frozen = models.frozen
        self.device = next(next(iter(self._models.values())).parameters()).device
        self.threads = description.inputs.threads
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

    def predict(
        self,
        records: Any,  # noqa: ANN401 - texts, mappings or a DataFrame, which is not imported
        *,
        batch_size: int | None = None,
        progress: Progress | None = None,
    ) -> Predictions:
        """Return the scores of utterances that are given as Python values, in their order.

        Args:
            records: a list of texts, or of mappings with ``text`` and, where there are some,
                ``id``, ``label``, ``audio`` [T, D] and ``vision`` [T, D]; or a DataFrame.
            batch_size: utterances of a batch; None takes that of training.
            progress: is called with the steps done and the steps in all.

        Raises:
            ArgumentError: an argument cannot be used.
            DataError: a record cannot be used; bad ones are named by their number, from 1.

        Example:
            >>> from sugrm import load
            >>> load("OUT").predict([{"id": "a", "text": "What a film!"}])  # doctest: +SKIP
        """
        if isinstance(records, str | os.PathLike):
            raise ArgumentError(
                f"records is the text {str(records)[:40]!r}; expected a list of texts or of "
                "mappings, or a DataFrame; predict_files reads files"
            )
        with tempfile.TemporaryDirectory(prefix="sugrm-") as cache:
            corpus = inputs_of_records(records, self.description.inputs.expected(), cache=cache)
            return self.predict_corpus(corpus, batch_size=batch_size, progress=progress)

    def predict_files(
        self,
        files: Any,  # noqa: ANN401 - paths or an open file; checked by its reader
        *,
        split: Split | str | None = None,
        lengths: LengthSource | None = None,
        text_column: str | None = None,
        batch_size: int | None = None,
        progress: Progress | None = None,
    ) -> dict[Split, Predictions]:
        """Return split -> the scores of a file's utterances, in their order.

        Args:
            files: path of a table or a feature file, in any layout that training reads; one path
                for each of ``text``, ``audio`` and ``vision``; or an open file.
            split: the split to score; None scores each that the file has. A table without a column
                of splits is the split ``test``.
            lengths: where the numbers of real frames come from, as in ``sugrm.data.Reading``; None
                takes that of training.
            text_column: name of the column of texts in a table; None takes the usual names.
            batch_size: utterances of a batch; None takes that of training.
            progress: is called with the steps done and the steps in all, for each split.

        Raises:
            ArgumentError: an argument cannot be used, or the file has no such split.
            DataError: a file cannot be read, or the model cannot score it.
        """
        chosen = None if split is None else checked_split(split)
        expected = self.description.inputs.expected(lengths=lengths, text_column=text_column)
        with tempfile.TemporaryDirectory(prefix="sugrm-") as cache:
            corpus = read_inputs(files, expected, cache=cache)
            there = [each for each in Split if each in corpus.splits and len(corpus.splits[each])]
            if chosen is not None and chosen not in there:
                raise ArgumentError(
                    f"the input has no utterance in the split {chosen}; expected one of "
                    f"{', '.join(there)}"
                )
            return {
                each: self.predict_corpus(corpus, each, batch_size=batch_size, progress=progress)
                for each in there
                if chosen in (None, each)
            }

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
        with _threads(self.threads):
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
            remarks=(*corpus.notes.remarks, *id_warnings(corpus, names_data=False)),
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


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """Let PyTorch use this many threads in the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _labels(utterances: Utterances) -> Floats | None:
    return utterances.labels if np.isfinite(utterances.labels).any() else None
