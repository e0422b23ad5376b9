"""Checks that an experiment, a corpus and a model fit together, made before any work starts."""

from collections.abc import Iterable

from torch import nn

from sugrm.argument_checks import CORPUS, EXPERIMENT, check_type
from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus
from sugrm.errors import ArgumentError
from sugrm.metrics import METRIC_NAMES
from sugrm.types import Split


def check_experiment(
    config: ExperimentConfig, corpus: Corpus, *, splits: Iterable[Split] = tuple(Split)
) -> None:
    """Raise an error unless the experiment and the corpus are valid and fit together.

    Args:
        config: the experiment.
        corpus: the data.
        splits: the splits that must hold utterances.

    Raises:
        ArgumentError: one of them cannot be used; the message says what was expected.
    """
    check_config(config)
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    if not corpus.notes.for_training:
        raise ArgumentError(
            f"the corpus {corpus.name} was read to be scored, without the labels that training and "
            "evaluation need; expected one of load_corpus or import_features. An exported model "
            "scores this one: sugrm.load(FOLDER).predict_corpus(corpus)"
        )
    if config.alignment != corpus.alignment:
        raise ArgumentError(
            f"the experiment has alignment: {config.alignment}, but the corpus {corpus.name} is "
            f"{corpus.alignment}; expected the same. Load it with load_corpus(data, "
            f'"{config.alignment}"), or set alignment: {corpus.alignment}'
        )
    known, monitor = METRIC_NAMES[corpus.dataset.metrics], config.training.monitor
    if monitor.removeprefix("valid/") not in known:
        raise ArgumentError(
            f"training.monitor is {monitor}, which the dataset {corpus.name} does not have; "
            f"expected one of {', '.join(f'valid/{name}' for name in known)}"
        )
    for split in splits:
        if split not in corpus.splits or not len(corpus.splits[split]):
            raise ArgumentError(
                f"the corpus {corpus.name} has no utterance in its split {split}; expected at "
                "least one"
            )


def check_config(config: ExperimentConfig) -> None:
    """Raise an error unless ``config`` is an experiment.

    Raises:
        ArgumentError: it is something else.
    """
    check_type("config", config, kind=ExperimentConfig, expected=EXPERIMENT)


def check_model(model: nn.Module) -> None:
    """Raise an error unless ``model`` is a module with weights.

    Raises:
        ArgumentError: it is something else.
    """
    expected = "a model of this package, as fit(...).model, load_trained(...).model or build_model"
    check_type("model", model, kind=nn.Module, expected=expected)
    if next(model.parameters(), None) is None:
        raise ArgumentError(f"model {type(model).__name__} has no weights; expected {expected}")


def checked_split(name: Split | str) -> Split:
    """Return the split of that name.

    Raises:
        ArgumentError: there is no such split.
    """
    try:
        return Split(name)
    except ValueError:
        known = ", ".join(Split)
        raise ArgumentError(f"split is {str(name)[:40]!r}; expected one of: {known}") from None
