"""Check that a corpus is like the one that a model was trained on."""

from collections.abc import Iterator

from sugrm.data import Corpus
from sugrm.errors import DataError
from sugrm.training.checkpoints.contract import InputContract
from sugrm.types import Modality


def check_corpus(corpus: Corpus, contract: InputContract) -> None:
    """Raise an error where a model cannot read a corpus.

    Args:
        corpus: the corpus to score.
        contract: what the model reads.

    Raises:
        DataError: alignment or widths differ; every difference is named.
    """
    found = list(_differences(corpus, contract))
    if found:
        raise DataError(
            f"the corpus {corpus.name} is not like the one that the model was trained on: "
            f"{'; '.join(found)}; extract the features as for training, or train a model on these"
        )


def _differences(corpus: Corpus, contract: InputContract) -> Iterator[str]:
    if corpus.alignment != contract.alignment:
        yield f"it is {corpus.alignment}, the model's was {contract.alignment}"
    widths = {
        Modality.TEXT: corpus.text_width,
        Modality.AUDIO: corpus.audio_width,
        Modality.VISION: corpus.vision_width,
    }
    for modality in contract.streams:
        got, expected = widths[modality], contract.widths.get(modality)
        if got == expected:
            continue
        if got is None or expected is None:
            yield f"its {modality} is {_kind(got)}, the model's was {_kind(expected)}"
        else:
            yield f"its {modality} features have width {got}, the model's had {expected}"


def _kind(width: int | None) -> str:
    return "words or token ids" if width is None else "features"
