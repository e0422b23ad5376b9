"""``fit``: train one experiment to its end."""

from collections.abc import Callable

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus
from sugrm.errors import ArgumentError
from sugrm.training.checkpoints.checkpoint import Place
from sugrm.training.records import EpochRecord, FitResult
from sugrm.training.run import TrainingRun
from sugrm.training.start.weights import StartWeights


def fit(
    config: ExperimentConfig,
    corpus: Corpus,
    *,
    seed: int = 1111,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    checkpoint: Place | None = None,
    start: StartWeights | None = None,
) -> FitResult:
    """Return the result of training until the patience or ``max_epochs`` is reached.

    Validation and test are scored at the best epoch.

    Args:
        config: the experiment.
        corpus: the data.
        seed: seed of weights, shuffling and dropout, from 0 to 2**32 - 1.
        on_epoch: function that is called with the record of each epoch.
        checkpoint: folder or store that keeps a checkpoint after each epoch; a fit found there is
            resumed. None keeps no checkpoint.
        start: the weights of the trained model that ``config.start_from`` names
            (``sugrm.load_start_weights``); None where it names none.

    Raises:
        SugrmError: the options, the data or the checkpoint do not fit, or the loss is not finite.

    Example:
        >>> from sugrm import ExperimentConfig, fit, load_corpus
        >>> from sugrm.config import DataConfig
        >>> corpus = load_corpus(DataConfig(dataset="synthetic"), "unaligned")  # doctest: +SKIP
        >>> fit(ExperimentConfig(), corpus).test["mae"]  # doctest: +SKIP
    """
    if on_epoch is not None and not callable(on_epoch):
        raise ArgumentError(
            f"on_epoch is of type {type(on_epoch).__name__}; expected a function of an EpochRecord"
        )
    run = TrainingRun(config, corpus, seed=seed, checkpoint=checkpoint, start=start)
    while not run.finished:
        record = run.run_epoch()
        if on_epoch is not None:
            on_epoch(record)
    return run.finish()
