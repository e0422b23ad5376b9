"""The converted corpora that the trials of a run read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.plan import Plan
    from search.space import Space
    from sugrm.data import DatasetDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFolder:
    """A converted corpus.

    Attributes:
        folder: the folder of the converted files.
        fingerprint: the hash of its content.
        dataset: what is known of its dataset; None takes what the folder names.
        has_text: whether it holds text features, so that no text encoder reads it.
        remarks: what was read in another way than the file has it.
        warnings: what else was changed in reading it.
        recorded: what the record of the run says of it: the remarks, and what splits share.
    """

    folder: Path
    fingerprint: str
    dataset: "DatasetDescription | None" = None
    has_text: bool = False
    remarks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()


def convert(space: "Space", plan: "Plan") -> Mapping[str, CorpusFolder]:
    """Convert the corpora once, before any worker needs them; return them by alignment.

    Raises:
        DataError: files cannot be used; the message has a part for each of them.
    """
    from sugrm.errors import DataError

    corpora: dict[str, CorpusFolder] = {}
    faults: list[str] = []
    for alignment in plan.alignments:
        try:
            corpora[alignment] = _converted(space, alignment)
        except DataError as error:
            faults.append(str(error))
    if faults:
        raise DataError("\n".join(faults))
    return corpora


def _converted(space: "Space", alignment: str) -> CorpusFolder:
    from sugrm import load_corpus
    from sugrm.data import id_warnings, reading_remarks, shared_utterances, small_splits

    corpus = load_corpus(space.data, alignment)
    remarks = tuple(reading_remarks(corpus))
    return CorpusFolder(
        folder=corpus.folder,
        fingerprint=corpus.fingerprint,
        dataset=corpus.dataset,
        has_text=corpus.text_width is not None,
        remarks=remarks,
        recorded=(*remarks, *shared_utterances(corpus, names_one=False)),
        warnings=(
            *id_warnings(corpus),
            *shared_utterances(corpus),
            *(small_splits(corpus) if space.data.dataset != "synthetic" else ()),
        ),
    )
