"""The frames of one modality by the name of the utterance, and by split where a file has some."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sugrm.data.frames.archive import read_archive
from sugrm.data.frames.split_arrays import frames_by_id, is_split_arrays, states_lengths
from sugrm.data.frames.windows import have_silence, real_steps
from sugrm.data.pickles.plain import load_plain_pickle
from sugrm.data.reading import values
from sugrm.data.reading.opening import Kind, kind_of
from sugrm.data.reading.problems import shown, shown_keys
from sugrm.data.reading.raw import Array, RawStream
from sugrm.data.reading.split_names import entry_of, split_named
from sugrm.errors import DataError
from sugrm.types import Modality, Split

_ADVICE = (
    "store an array [T, D] for each name of an utterance: numpy.savez, or a pickled dict {name: "
    "array} or {split: {name: array}}"
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Frames:
    """The frames of one file.

    Attributes:
        path: the file.
        modality: the stream.
        by_split: split -> name -> [T, D]; the split is None where the file has none.
        width: D.
        are_windows: whether zeros at the sides of the arrays are frames, not padding: the file
            states the lengths, to which the arrays are cut, or the zeros are silence.
    """

    path: Path
    modality: Modality
    by_split: Mapping[Split | None, Mapping[str, Array]]
    width: int
    are_windows: bool = False

    def of(self, split: Split) -> Mapping[str, Array]:
        """Return name -> [T, D] of a split."""
        own = self.by_split.get(split, self.by_split.get(None))
        return {} if own is None else own

    def stream(self, split: Split, ids: Sequence[str], *, is_padded: bool) -> RawStream:
        """Return the frames of the utterances ``ids``; those that the file lacks have none.

        Where ``is_padded``, arrays of one T are returned as one, whose zeros at one side the
        packing leaves out; windows are not, and an array of zeros alone then is no frames.
        """
        found, steps = self.of(split), self.steps
        none = np.zeros((0, self.width), np.float32)
        if is_padded and steps is not None and self.are_windows:
            found = {name: each if real_steps(each).any() else none for name, each in found.items()}
        if not is_padded or steps is None or self.are_windows:
            return RawStream(frames=[found.get(name, none) for name in ids])
        none = np.zeros((steps, self.width), np.float32)
        rows = [found[name] if len(found.get(name, ())) else none for name in ids]
        return RawStream(frames=np.stack(rows))

    @property
    def steps(self) -> int | None:
        """Return T where all arrays have the same, as padded ones do; else None."""
        found = {len(each) for each in self._arrays() if len(each)}
        return next(iter(found)) if len(found) == 1 else None

    def _arrays(self) -> Iterator[Array]:
        for arrays in self.by_split.values():
            yield from arrays.values()


def read_frames(path: Path, modality: Modality) -> Frames:
    """Return the frames in an npz archive or a pickle.

    Raises:
        DataError: the file is neither, is damaged, or holds other values.
    """
    tree = _tree(path, modality)
    by_split = {
        split: frames_by_id(path, given, modality=modality)
        if is_split_arrays(given, modality)
        else _arrays(path, given, modality=modality)
        for split, given in tree.items()
    }
    widths: dict[int, str] = {}
    for arrays in by_split.values():
        for name, array in arrays.items():
            if array.shape[1]:
                widths.setdefault(array.shape[1], name)
    if len(widths) > 1:
        (one, first), (other, second), *_ = widths.items()
        raise DataError(
            f"{path}: frames of {first} are {one} wide, those of {second} {other}; expected one "
            "width: extract all utterances with the same features"
        )
    if not widths:
        raise DataError(f"{path}: no frames at all; {_ADVICE}")
    (width,) = widths
    whole = {
        split: {
            name: array if array.shape[1] else np.zeros((0, width), np.float32)
            for name, array in arrays.items()
        }
        for split, arrays in by_split.items()
    }
    are_cut = any(states_lengths(given, modality) for given in tree.values())
    are_windows = are_cut or have_silence(
        array for each in whole.values() for array in each.values()
    )
    return Frames(
        path=path, modality=modality, by_split=whole, width=width, are_windows=are_windows
    )


def _tree(path: Path, modality: Modality) -> Mapping[Split | None, Mapping[Any, Any]]:
    kind = kind_of(path)
    if kind is Kind.NPZ:
        return {None: read_archive(path)}
    if kind is not Kind.PICKLE:
        raise DataError(f"{path}: this is {kind}; {_ADVICE}")
    tree = load_plain_pickle(path)
    if not isinstance(tree, Mapping):
        raise DataError(f"{path}: the pickle holds a {type(tree).__name__}; {_ADVICE}")
    splits = {split: entry_of(tree, split) for split in Split}
    found = {split: given for split, given in splits.items() if isinstance(given, Mapping)}
    if not found:
        return {None: tree}
    if all(is_split_arrays(given, modality) for given in found.values()):
        return dict(found.items())
    others = [key for key in tree if not (isinstance(key, str) and split_named(key))]
    if others:
        raise DataError(
            f"{path}: {shown_keys(others)} beside the splits {', '.join(found)}; {_ADVICE}"
        )
    return {split: given for split, given in found.items()}  # noqa: C416 - the key widens


def _arrays(path: Path, given: Mapping[Any, Any], *, modality: Modality) -> dict[str, Array]:
    """Return name -> [T, D]; [0, 0] where there is no frame."""
    found: dict[str, Array] = {}
    for key, value in given.items():
        names, _ = values.names([key])
        array = np.zeros((0, 0), np.float32) if _is_empty(value) else values.numbers(value, 2)
        if not names or array is None:
            name = names[0] if names else shown(key)
            raise DataError(
                f"{path}: {modality} of {name} is {values.shape_of(value)}; expected numbers "
                f"[T, D]: {_ADVICE}"
            )
        if names[0] in found:
            raise DataError(
                f"{path}: two entries have the name {shown(names[0])}, the second as "
                f"{shown(key)}; expected a name of its own for each utterance: rename or remove one"
            )
        found[names[0]] = array
    return found


def _is_empty(value: object) -> bool:
    """Whether a value has no frame; its width may then be unknown."""
    return isinstance(value, list | tuple | np.ndarray) and values.count(value) == 0
