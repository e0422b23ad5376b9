"""The texts that a model to start from has seen, so that no test score rests on them unnoticed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.ledger.parts import read_parts
from reports.ledger.places.storage import StorageError
from search.errors import SearchError
from search.trials.start.sources import RunSource, Source, find_source
from sugrm.data.excluded_texts import normalised
from sugrm.errors import SugrmError
from sugrm.types import Split

if TYPE_CHECKING:
    from sugrm import Corpus

_UTTERANCES = "utterances"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTexts:
    """Normalised texts that a model has seen.

    Attributes:
        trained: those that trained it, or a model that its own training started from.
        chosen: those of the validation splits that chose them.
        whole: whether these are all; False where a run or a folder does not say its texts.
    """

    trained: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()
    whole: bool = True

    def counts(self, corpus: "Corpus") -> dict[Split, int]:
        """Return how many utterances of validation and test the model must not have seen.

        For validation these are the texts that trained it. A validation split may choose again.
        """
        unfit = {Split.VALID: self.trained, Split.TEST: self.trained | self.chosen}
        return {
            split: sum(normalised(text) in texts for text in corpus.splits[split].raw_text)
            for split, texts in unfit.items()
        }


def seen_texts(source: Source, *, own: str) -> SeenTexts:
    """Return the texts that the models of a source have seen, and those that they started from.

    Args:
        source: the models.
        own: the fingerprint of the corpus of the trials that start from them; a model that was
            trained on it has the same splits, so its texts do not count.
    """
    trained, chosen, whole = set[str](), set[str](), True
    for each in _with_earlier(source):
        if not isinstance(each, RunSource):
            whole = False
        elif each.data_fingerprint != own:
            texts = list(_texts(each))
            trained.update(text for split, text in texts if split == Split.TRAIN)
            chosen.update(text for split, text in texts if split == Split.VALID)
            whole = whole and bool(texts)
    return SeenTexts(
        trained=frozenset(trained - {""}), chosen=frozenset(chosen - {""}), whole=whole
    )


def _with_earlier(source: Source) -> Iterator[Source | None]:
    """Yield a source and those that its training started from; None for one that is gone."""
    found, names = source, set[tuple[str, str]]()
    yield found
    while isinstance(found, RunSource) and found.starts_from:
        name = str(found.run), found.starts_from
        if name in names:
            return
        names.add(name)
        try:
            found = find_source(found.starts_from, found.run)
        except (SugrmError, SearchError, StorageError):
            yield None
            return
        yield found


def _texts(source: RunSource) -> Iterable[tuple[str, str]]:
    """Yield split and normalised text of each utterance of the corpus that trained the models."""
    table = read_parts(source.run, _UTTERANCES).distinct(_UTTERANCES)
    for row in table.select(["data_fingerprint", "split", "text"]).to_pylist():
        if row["data_fingerprint"] == source.data_fingerprint:
            yield row["split"], normalised(row["text"] or "")
