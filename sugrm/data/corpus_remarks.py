"""What a user should know of a corpus: repeated ids, shared videos, what was read otherwise."""

from itertools import combinations

from sugrm.argument_checks import CORPUS, check_type
from sugrm.data.corpus import Corpus
from sugrm.data.names import video_of
from sugrm.data.reading.text_source import FEATURES_READ
from sugrm.types import Modality, Split

FEW_UTTERANCES = 50
"""Fewest utterances of a split without a warning; the splits of the field's datasets have hundreds.
"""


def id_warnings(corpus: Corpus, *, names_data: bool = True) -> list[str]:
    """Return a line for each split in which utterances repeat the id of an earlier one.

    Args:
        corpus: the corpus.
        names_data: whether a line begins with the alignment, which tells two files apart.

    Raises:
        ArgumentError: ``corpus`` is no corpus.
    """
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    place = "in ledger and reports" if corpus.notes.for_training else "beside their scores"
    data = f"{corpus.alignment} data, " if names_data else ""
    return [
        f"{data}{split}: {len(names)} of {len(corpus.splits[split])} utterances "
        f"repeat the id of an earlier one; they get distinct names, as {names[0]!r}, {place}"
        for split, names in corpus.notes.renamed.items()
        if names
    ]


def shared_utterances(
    corpus: Corpus, *, names_one: bool = True, names_data: bool = True
) -> list[str]:
    """Return a line for each two splits that share ids or videos.

    The video is the part of an id before the number of the utterance (``video_of``).

    Args:
        corpus: the corpus.
        names_one: whether a line names one of the ids or videos. What a run records does not, since
            it may be published.
        names_data: as for ``id_warnings``.

    Raises:
        ArgumentError: ``corpus`` is no corpus.
    """
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    lines = []
    for one, other in combinations(corpus.splits, 2):
        ids = [set(corpus.splits[split].ids) for split in (one, other)]
        for kind, names in (
            ("ids", ids),
            ("videos", [set(map(video_of, given)) for given in ids]),
        ):
            shared = sorted(names[0] & names[1])
            if shared:
                line = f"{_prefix(corpus, names_data)}{one} and {other} share {len(shared)} {kind}"
                lines.append(f"{line}, as {shared[0]!r}" if names_one else line)
                break
    return lines


def small_splits(corpus: Corpus, *, names_data: bool = True) -> list[str]:
    """Return a line if a score depends much on chance: validation or test have few utterances.

    Args:
        corpus: the corpus.
        names_data: as for ``id_warnings``.

    Raises:
        ArgumentError: ``corpus`` is no corpus.
    """
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    sizes = {split: len(corpus.splits[split]) for split in (Split.VALID, Split.TEST)}
    few = {split: size for split, size in sizes.items() if size < FEW_UTTERANCES}
    if not few:
        return []
    named = ", ".join(f"{split} {size}" for split, size in few.items())
    return [
        f"{_prefix(corpus, names_data)}few utterances ({named}): with fewer than "
        f"{FEW_UTTERANCES} a score depends much on chance"
    ]


def reading_remarks(corpus: Corpus, *, names_data: bool = True) -> list[str]:
    """Return what was read in another way than a user may expect, one sentence each.

    Args:
        corpus: the corpus.
        names_data: as for ``id_warnings``.

    Raises:
        ArgumentError: ``corpus`` is no corpus.
    """
    check_type("corpus", corpus, kind=Corpus, expected=CORPUS)
    lines = list(corpus.notes.remarks)
    front = [
        modality
        for modality in Modality
        if any(sides.get(modality) == "front" for sides in corpus.notes.sides.values())
    ]
    if front:
        lines.append(f"zeros in front of the frames are left out: {', '.join(front)}")
    if corpus.text_width is not None and not any(each.startswith(FEATURES_READ) for each in lines):
        lines.append(FEATURES_READ)
    if corpus.notes.for_training:
        if corpus.notes.absent:
            lines.append(f"absent in every utterance: {', '.join(corpus.notes.absent)}")
        lines += _without_own_labels(corpus)
    return [f"{_prefix(corpus, names_data)}{line}" for line in lines]


def _prefix(corpus: Corpus, names_data: bool) -> str:
    return f"{corpus.alignment} data: " if names_data else ""


def _without_own_labels(corpus: Corpus) -> list[str]:
    """Return a sentence if the dataset has human labels of modalities that the file lacks."""
    found = next(iter(corpus.splits.values())).content.true_sentiments
    keys = corpus.dataset.unimodal_labels
    lacking = [f"{modality} ({key})" for modality, key in keys.items() if modality not in found]
    return [f"the file has no human labels of {', '.join(lacking)}"] if lacking else []
