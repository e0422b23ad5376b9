"""Leaving out utterances whose text is in another corpus, so that its splits stay unseen.

Corpora share utterances: MOSEI has sentences of MOSI's videos. A model that is trained on one and
then on the other would have seen texts of the other's validation and test split.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from sugrm.data.cache.content import CorpusContent
from sugrm.data.cache.fingerprint import content_fingerprint
from sugrm.data.files import checked_files
from sugrm.data.formats.layouts import read_raw
from sugrm.data.inputs.expected import InputReading
from sugrm.data.reading.options import Findings, Reading
from sugrm.data.sample import content_rows
from sugrm.errors import DataError
from sugrm.types import Split

_PAUSE = "sp"
_VERSION = 1
"""Raised by hand when ``normalised`` changes; part of the fingerprint of what is left."""


def normalised(text: str) -> str:
    """Return a text without case, punctuation and white space; "" without letters and digits.

    The word ``sp``, which stands for a pause in the tuples of words and frames, is left out, too.

    >>> normalised("It's  GOOD!") == normalised("sp its good.")
    True
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = (word for word in plain.split() if word != _PAUSE)
    return "".join(letter for word in words for letter in word if letter.isalnum())


def digest_without(digest: str, other: str) -> str:
    """Return the digest of a file without the texts of another one, from the digests of both."""
    return content_fingerprint("without the texts of", _VERSION, digest, other)


def read_texts(path: Path, reading: Reading) -> frozenset[str]:
    """Return the normalised texts of all splits of a feature file or a table.

    Args:
        path: the file, in any layout that can be scored: labels and splits may be missing.
        reading: how the corpus is read from which these texts are left out.

    Raises:
        DataError: the file cannot be read, or has no texts.
    """
    asked = InputReading(alignment=reading.alignment, dataset=reading.dataset, lengths="detected")
    given = read_raw(checked_files(path), asked)
    given.problems.raise_if_any()
    splits = given.splits.values()
    found = frozenset(normalised(text) for each in splits for text in each.raw_text or ()) - {""}
    if not found:
        raise DataError(
            f"{path}: no texts (data.exclude.texts_of); expected a feature file with raw_text, or "
            "a table with a column of texts"
        )
    return found


def without_texts(
    content: CorpusContent, findings: Findings, *, texts: Iterable[str], source: Path
) -> CorpusContent:
    """Return a corpus without the utterances of some texts; a remark in ``findings`` counts them.

    Args:
        content: the corpus.
        findings: what was found in its file.
        texts: the normalised texts.
        source: the file that they come from.

    Raises:
        DataError: nothing is left of a split.
    """
    unwanted, splits, counts = frozenset(texts), {}, {}
    for split, each in content.splits.items():
        stays = np.array([normalised(text) not in unwanted for text in each.raw_text], dtype=bool)
        counts[split] = int((~stays).sum())
        if len(stays) and not stays.any():
            raise DataError(
                f"data.exclude.texts_of: {source} has the texts of every utterance of the split "
                f"{split}; expected some to be left; name the other corpus, or leave it out"
            )
        splits[split] = content_rows(each, np.flatnonzero(stays))
    findings.remarks.append(_remark(content, counts, source=source))
    return replace(content, splits=splits)


def _remark(content: CorpusContent, counts: dict[Split, int], *, source: Path) -> str:
    whole = sum(len(each.ids) for each in content.splits.values())
    if not any(counts.values()):
        return f"no text of {source.name} is among the {whole} utterances, so none is left out"
    by_split = ", ".join(f"{split} {count}" for split, count in counts.items())
    return (
        f"{sum(counts.values())} of {whole} utterances are left out, because their text is in "
        f"{source.name} ({by_split})"
    )
