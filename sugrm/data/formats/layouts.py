"""The layouts of feature files, found by content."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from sugrm.data.files import Files, split_pickles
from sugrm.data.formats import mmsa, mult, word_tuples
from sugrm.data.formats.modality_files import read_frames_alone, read_modality_files
from sugrm.data.formats.table import read_table
from sugrm.data.reading.opening import kind_of, load_tree
from sugrm.data.reading.options import Reading
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit
from sugrm.data.reading.split_names import names_in
from sugrm.data.tables.opening import holds_tables
from sugrm.errors import DataError
from sugrm.types import Modality, Split


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

_WITHOUT_LABELS = (replace(LAYOUTS[0], matches=mult.matches_without_labels), *LAYOUTS[1:])
_TABLE = "the table"
_STREAMS = ("raw_text", "text_bert", *Modality)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RawCorpus:
    """What a file holds, before its splits are checked together.

    Attributes:
        splits: the splits without a problem.
        layout: name of the layout, as messages show it.
        problems: what is wrong so far.
        remarks: sentences for the user.
        is_new: whether readers before version 2 could not read it.
    """

    splits: dict[Split, RawSplit]
    layout: str
    problems: Problems
    remarks: list[str] = field(default_factory=list)
    is_new: bool = False


def read_raw(files: Files, reading: Reading) -> RawCorpus:
    """Return what a file, a table or one file for each modality holds.

    Raises:
        DataError: a file cannot be read, has none of the layouts, or is a table with something
            wrong in it; all its problems are named.
    """
    if isinstance(files, Mapping):
        problems = _problems_of(files)
        if reading.for_training or {*files} != {Modality.TEXT}:
            _check_unaligned(problems.path, reading)
        together = (
            read_modality_files(files, reading, problems=problems)
            if Modality.TEXT in files
            else read_frames_alone(files, reading)
        )
        return RawCorpus(
            splits=together.splits,
            layout=together.layout,
            problems=problems,
            remarks=together.remarks,
        )
    pickles = split_pickles(files, needs_all=reading.for_training)
    if pickles:
        trees = {split: load_tree(path) for split, path in pickles.items()}
        names = ", ".join(path.name for path in pickles.values())
        # version 1 of the reader read no folders
        found = _read_tree(trees, files, reading=reading)
        return replace(found, layout=f"{found.layout}, in {names}", is_new=True)
    if holds_tables(kind_of(files)):
        if reading.for_training:
            _check_unaligned(files, reading)
        problems = Problems(files, what=_TABLE)
        table = read_table(files, reading, problems=problems)
        return RawCorpus(
            splits=table.raw_splits(),
            layout=table.layout,
            problems=problems,
            remarks=table.remarks,
        )
    return _read_tree(load_tree(files), files, reading=reading)


def _problems_of(files: Mapping[Modality, Path]) -> Problems:
    """Return the problems of one file for each modality: each is named with its own file."""
    frames = {str(modality): path for modality, path in files.items() if modality != Modality.TEXT}
    if Modality.TEXT in files:
        return Problems(files[Modality.TEXT], what=_TABLE, frames=frames)
    return Problems(next(iter(files.values())), what="the input", frames=frames)


def _read_tree(tree: object, path: Path, *, reading: Reading) -> RawCorpus:
    problems, layouts = Problems(path), LAYOUTS
    if not reading.for_training:
        tree, layouts = _as_splits(tree), _WITHOUT_LABELS
    layout = next((each for each in layouts if each.matches(tree)), layouts[-1])
    return RawCorpus(
        splits=layout.read(tree, reading, problems=problems),
        layout=layout.name,
        problems=problems,
        remarks=_several_names(tree),
    )


def _as_splits(tree: object) -> object:
    """Return a tree that is one split itself as the split ``test`` of a tree."""
    if isinstance(tree, Mapping):
        has_splits = any(names_in(tree, split) for split in Split)
        return {"test": tree} if not has_splits and any(key in tree for key in _STREAMS) else tree
    return {"test": tree} if word_tuples.matches(tree) else tree


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
    if reading.alignment == "aligned" and not reading.for_training:
        raise DataError(
            f"{path}: the model was trained on aligned data, and files of single modalities have "
            "no frame for each token; expected one file with all streams, as for training, or the "
            "texts alone"
        )
    if reading.alignment == "aligned":
        raise DataError(
            f"{path}: a table is unaligned data, it has no frame for each token; expected "
            "alignment unaligned (--data unaligned=PATH and --set experiment.alignment=unaligned; "
            "data inspect: --alignment unaligned)"
        )
