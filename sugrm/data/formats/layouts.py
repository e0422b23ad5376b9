"""The layouts of feature files, found by content, and the way from a file to a corpus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sugrm.data.cache.content import CorpusContent
from sugrm.data.files import Files, split_pickles
from sugrm.data.formats import mmsa, mult, word_tuples
from sugrm.data.formats.modality_files import read_modality_files
from sugrm.data.formats.table import read_table
from sugrm.data.reading.checks import check_same_widths
from sugrm.data.reading.extents import Extents, extents_of, outside_text_remarks
from sugrm.data.reading.opening import kind_of, load_tree
from sugrm.data.reading.options import Findings, Reading
from sugrm.data.reading.packing import pack_split
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit
from sugrm.data.reading.split_names import names_in
from sugrm.data.reading.text_source import choose_text
from sugrm.data.tables.opening import holds_tables
from sugrm.errors import DataError
from sugrm.types import Modality, Split

TEXT_STEPS = 50
"""Text positions that the distributions pad to; used where a file has no text array."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout of feature files.

    Attributes:
        name: its name, as messages and ``data inspect`` show it.
        matches: whether a tree of plain values has this layout.
        read: returns the splits of the tree, and notes what is wrong with the others.
    """

    name: str
    matches: Callable[[object], bool]
    read: Callable[..., dict[Split, RawSplit]]


LAYOUTS: tuple[Layout, ...] = (
    Layout(mult.NAME, mult.matches, mult.read),
    Layout(word_tuples.NAME, word_tuples.matches, word_tuples.read),
    Layout(mmsa.NAME, mmsa.matches, mmsa.read),
)
"""The layouts in the order in which they are tried; the last one names what is missing."""


def read_features(files: Files, reading: Reading) -> tuple[CorpusContent, Findings]:
    """Return the content of a file, a table or one file for each modality, and what was found.

    Raises:
        DataError: a file cannot be read, has none of the layouts, or holds values that cannot be
            right; all problems of the file are named.
    """
    if isinstance(files, Mapping):
        problems = Problems(files[Modality.TEXT])
        _check_unaligned(problems.path, reading)
        together = read_modality_files(files, reading, problems=problems)
        found = read_splits(together.splits, reading, layout=together.layout, problems=problems)
        return _with_remarks(found, together.remarks)
    problems = Problems(files)
    pickles = split_pickles(files)
    if not pickles and holds_tables(kind_of(files)):
        _check_unaligned(files, reading)
        table = read_table(files, reading, problems=problems)
        found = read_splits(table.raw_splits(), reading, layout=table.layout, problems=problems)
        return _with_remarks(found, table.remarks)
    if pickles:
        trees = {split: load_tree(path) for split, path in pickles.items()}
        found = _read_tree(trees, reading, problems=problems)
        found[1].layout += f", in {', '.join(path.name for path in pickles.values())}"
        found[1].is_new = True  # version 1 of the reader read no folders
        return found
    return _read_tree(load_tree(files), reading, problems=problems)


def _read_tree(
    tree: object, reading: Reading, *, problems: Problems
) -> tuple[CorpusContent, Findings]:
    layout = next((each for each in LAYOUTS if each.matches(tree)), LAYOUTS[-1])
    raw = layout.read(tree, reading, problems=problems)
    content, findings = read_splits(raw, reading, layout=layout.name, problems=problems)
    findings.remarks += _several_names(tree)
    return content, findings


def _several_names(tree: object) -> list[str]:
    """Return a sentence for each split that a tree holds under several names."""
    if not isinstance(tree, Mapping):
        return []
    named = {split: names_in(tree, split) for split in Split}
    return [
        f"of {' and '.join(names)}, {names[0]} is read as the split {split}"
        for split, names in named.items()
        if len(names) > 1
    ]


def _check_unaligned(path: Path, reading: Reading) -> None:
    """Raise a DataError for tables read as aligned data: nothing says which word a frame has."""
    if reading.alignment == "aligned":
        raise DataError(
            f"{path}: a table is unaligned data, it has no frame for each token; expected "
            "alignment unaligned (--data unaligned=PATH and --set experiment.alignment=unaligned; "
            "data inspect: --alignment unaligned)"
        )


def _with_remarks(
    found: tuple[CorpusContent, Findings], remarks: list[str]
) -> tuple[CorpusContent, Findings]:
    content, findings = found
    findings.remarks[:0] = remarks
    return content, findings


def read_splits(
    raw: dict[Split, RawSplit], reading: Reading, *, layout: str, problems: Problems
) -> tuple[CorpusContent, Findings]:
    """Return the content of the splits that a layout found.

    Raises:
        DataError: something is wrong with them, or was before; all problems are named.
    """
    check_same_widths(raw, problems)
    problems.raise_if_any()
    raw, findings = choose_text(raw, reading, layout=layout, problems=problems)
    extents = extents_of(raw, reading, problems=problems)
    problems.raise_if_any()
    findings.sides.update({split: _sides(found, extents[split]) for split, found in raw.items()})
    findings.remarks += outside_text_remarks(extents.values())
    findings.remarks += dict.fromkeys(each for found in raw.values() for each in found.remarks)
    findings.is_new |= layout != mmsa.NAME or _is_new(raw, extents, reading=reading)
    packed = {split: pack_split(found, extents[split]) for split, found in raw.items()}
    content = CorpusContent(
        name=reading.dataset.name,
        alignment=reading.alignment,
        fingerprint="",
        padded_lengths=_padded_lengths(raw),
        splits={split: found.content for split, found in packed.items()},
        repaired={split: found.repaired for split, found in packed.items()},
    )
    return content, findings


def _sides(raw: RawSplit, extents: Extents) -> dict[Modality, str]:
    tokens = {} if raw.token_ids is None else {Modality.TEXT: raw.token_padding}
    return tokens | {modality: str(side) for modality, side in extents.sides.items()}


def _is_new(
    raw: Mapping[Split, RawSplit], extents: Mapping[Split, Extents], *, reading: Reading
) -> bool:
    """Whether version 1 of the reader, which knew MMSA's layout alone, read other content."""
    asked = reading.lengths == "detected" or reading.text is not None
    has_more = any(split.unimodal_labels or split.words for split in raw.values())
    return asked or has_more or any(found.is_new for found in extents.values())


def _padded_lengths(raw: Mapping[Split, RawSplit]) -> dict[Modality, int]:
    steps = dict.fromkeys(Modality, 1) | {Modality.TEXT: 0}
    for split in raw.values():
        for modality, stream in split.streams.items():
            steps[modality] = max(steps[modality], stream.steps)
        if split.token_ids is not None:
            steps[Modality.TEXT] = max(steps[Modality.TEXT], split.token_ids.shape[2])
    return steps | {Modality.TEXT: steps[Modality.TEXT] or TEXT_STEPS}
