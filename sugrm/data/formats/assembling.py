"""From a file to the content of a corpus: what a layout found, checked and packed."""

from collections.abc import Mapping

from sugrm.data.cache.content import CorpusContent
from sugrm.data.files import Files
from sugrm.data.formats import mmsa
from sugrm.data.formats.layouts import RawCorpus, read_raw
from sugrm.data.reading.checks import check_same_widths
from sugrm.data.reading.extents import Extents, extents_of, outside_text_remarks
from sugrm.data.reading.options import Findings, Reading
from sugrm.data.reading.packing import pack_split
from sugrm.data.reading.raw import RawSplit
from sugrm.data.reading.text_source import choose_text
from sugrm.types import Modality, Split

TEXT_STEPS = 50
"""Text positions that the distributions pad to; used where a file has no text array."""


def read_features(files: Files, reading: Reading) -> tuple[CorpusContent, Findings]:
    """Return the content of a file, a table or one file for each modality, and what was found.

    Raises:
        DataError: a file cannot be read, has none of the layouts, or holds values that cannot be
            right; all problems of the file are named.
    """
    return _packed(read_raw(files, reading), reading)


def _packed(given: RawCorpus, reading: Reading) -> tuple[CorpusContent, Findings]:
    problems = given.problems
    check_same_widths(given.splits, problems)
    problems.raise_if_any()
    raw, findings = choose_text(given.splits, reading, layout=given.layout, problems=problems)
    extents = extents_of(raw, reading, problems=problems)
    problems.raise_if_any()
    findings.sides.update({split: sides_of(found, extents[split]) for split, found in raw.items()})
    findings.remarks[:0] = given.remarks
    findings.remarks += outside_text_remarks(extents.values())
    findings.remarks += dict.fromkeys(each for found in raw.values() for each in found.remarks)
    findings.is_new |= given.is_new or given.layout != mmsa.NAME
    findings.is_new |= _is_new(raw, extents, reading=reading)
    packed = {split: pack_split(found, extents[split]) for split, found in raw.items()}
    content = CorpusContent(
        name=reading.dataset.name,
        alignment=reading.alignment,
        fingerprint="",
        padded_lengths=padded_lengths(raw),
        splits={split: found.content for split, found in packed.items()},
        repaired={split: found.repaired for split, found in packed.items()},
    )
    return content, findings


def sides_of(raw: RawSplit, extents: Extents) -> dict[Modality, str]:
    """Return the side of the padding of each stream that is padded."""
    tokens = {} if raw.token_ids is None else {Modality.TEXT: raw.token_padding}
    return tokens | {modality: str(side) for modality, side in extents.sides.items()}


def _is_new(
    raw: Mapping[Split, RawSplit], extents: Mapping[Split, Extents], *, reading: Reading
) -> bool:
    """Whether version 1 of the reader, which knew MMSA's layout alone, read other content."""
    asked = reading.lengths == "detected" or reading.text is not None
    has_more = any(split.unimodal_labels or split.words for split in raw.values())
    return asked or has_more or any(found.is_new for found in extents.values())


def padded_lengths(raw: Mapping[Split, RawSplit]) -> dict[Modality, int]:
    """Return the number of steps to which the file pads each stream."""
    steps = dict.fromkeys(Modality, 1) | {Modality.TEXT: 0}
    for split in raw.values():
        for modality, stream in split.streams.items():
            steps[modality] = max(steps[modality], stream.steps)
        if split.token_ids is not None:
            steps[Modality.TEXT] = max(steps[Modality.TEXT], split.token_ids.shape[2])
    return steps | {Modality.TEXT: steps[Modality.TEXT] or TEXT_STEPS}
