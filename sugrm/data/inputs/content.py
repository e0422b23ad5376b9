"""From what a layout found to the content that a model scores."""

from dataclasses import replace
from uuid import uuid4

from sugrm.data.cache.content import CorpusContent, SplitContent
from sugrm.data.cache.fingerprint import content_fingerprint
from sugrm.data.formats.assembling import padded_lengths, sides_of
from sugrm.data.formats.layouts import RawCorpus
from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.data.inputs.streams import fit_streams, with_widths, with_words
from sugrm.data.inputs.text import choose_input_text, reads_tokens
from sugrm.data.reading.checks import check_same_widths
from sugrm.data.reading.extents import extents_of, outside_text_remarks
from sugrm.data.reading.options import Findings
from sugrm.data.reading.packing import PackedSplit, pack_split
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.text_source import first_text
from sugrm.types import Split


def input_content(given: RawCorpus, expected: ExpectedInputs) -> CorpusContent:
    """Return the content of an input, padded as the training corpus was.

    Frames, token ids and words are found as in training: the same rows give the same sequences.

    Raises:
        DataError: something is wrong, or the model cannot read it; all problems are named.
    """
    problems = given.problems
    check_same_widths(given.splits, problems)
    problems.raise_if_any()
    raw, remarks = choose_input_text(given.splits, expected, problems=problems)
    extents = extents_of(raw, expected.reading, problems=problems)
    findings = Findings(
        layout=given.layout,
        text=first_text(raw),
        lengths=expected.lengths,
        remarks=[*given.remarks, *remarks],
    )
    findings.sides.update({split: sides_of(found, extents[split]) for split, found in raw.items()})
    findings.remarks += outside_text_remarks(extents.values())
    findings.remarks += dict.fromkeys(each for found in raw.values() for each in found.remarks)
    if not reads_tokens(raw, expected):
        raw = {split: replace(found, token_ids=None) for split, found in raw.items()}
    raw, absent = fit_streams(raw, expected, problems=problems)
    problems.raise_if_any()
    findings.remarks += absent
    packed = {split: pack_split(found, extents[split]) for split, found in raw.items()}
    content = CorpusContent(
        name=expected.dataset.name,
        alignment=expected.alignment,
        fingerprint=content_fingerprint("inputs", uuid4().hex),
        padded_lengths={**padded_lengths(raw), **expected.padded_lengths},
        splits=_fitted(packed, expected, problems=problems),
        repaired={split: found.repaired for split, found in packed.items()},
        findings={**findings.described(), "for_training": False},
    )
    problems.raise_if_any()
    return content


def _fitted(
    packed: dict[Split, PackedSplit], expected: ExpectedInputs, *, problems: Problems
) -> dict[Split, SplitContent]:
    found = {split: with_widths(each.content, expected) for split, each in packed.items()}
    if not expected.follows_words:
        return found
    return {split: with_words(each, split, problems=problems) for split, each in found.items()}
