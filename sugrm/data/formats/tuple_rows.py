"""The rows of a split of word tuples: ((words, visual, acoustic, ...), label, segment)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sugrm.data.cache.content import LengthSource
from sugrm.data.reading import values
from sugrm.data.reading.label_columns import sentiments
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import Array, RawStream
from sugrm.types import Modality, Split

_WORDS, _ACTUAL_WORDS = 0, 3  # places in the inner tuple
_FRAMES = {Modality.VISION: 1, Modality.AUDIO: 2}
_LENGTHS = {Modality.VISION: 4, Modality.AUDIO: 5}
_SHAPE = "((words, visual, acoustic, ...), label, segment)"
_CLASSES = "labels of classes are not read; docs/data.md says what is"
_LENGTHS_ADVICE = (
    "correct the lengths, or set data.lengths=detected to keep all frames, or data.lengths=stated "
    "to cut them off"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TupleRows:
    """The utterances of one split.

    Attributes:
        split: the split.
        given: one tuple an utterance.
        problems: takes what is wrong.
    """

    split: Split
    given: Sequence[Any]
    problems: Problems

    def check_shapes(self) -> bool:
        """Return whether every utterance is a tuple as expected; the others are noted."""
        bad = [row for row, each in enumerate(self.given) if not _is_utterance(each)]
        if bad:
            got, advice = _shape(self.given[bad[0]]), "write every utterance in this way"
            self._note("", bad, got=got, expected=_SHAPE, advice=advice)
        return not bad

    @property
    def segments(self) -> list[object]:
        """Return the name of each utterance, as the file holds it."""
        return [each[2] for each in self.given]

    @property
    def segments_or_numbers(self) -> list[object]:
        """Return the name of each utterance; the number of the row, from 1, where it is None."""
        return [row if each is None else each for row, each in enumerate(self.segments, 1)]

    @property
    def has_indices(self) -> bool:
        """Whether the words come as indices, too."""
        return any(
            _texts(inner[_WORDS]) is None and _texts(inner[_ACTUAL_WORDS]) is not None
            for inner in self._inner()
            if len(inner) > _ACTUAL_WORDS
        )

    def words(self) -> list[list[str]] | None:
        """Return the words of each utterance, None where one has none that can be read."""
        found = [_words(inner) for inner in self._inner()]
        bad = [row for row, words in enumerate(found) if words is None]
        if bad:
            advice = "add the list of the actual words behind the frames, as MISA's files have it"
            got = "indices or other values, no text"
            self._note("words", bad, got=got, expected="words", advice=advice)
            return None
        return [words for words in found if words is not None]

    def labels(self) -> Array | None:
        """Return [N, 1] or [N, 7] labels, None where they are something else, which is noted."""
        found = [values.any_numbers(each[1]) for each in self.given]
        rows = [None if each is None or not each.size else each.reshape(1, -1) for each in found]
        width = 0 if rows[0] is None else rows[0].shape[1]
        bad = [n for n, each in enumerate(rows) if each is None or each.shape[1] != width]
        if not bad:
            labels = np.concatenate([each for each in rows if each is not None])
            if sentiments(labels) is not None:
                return labels
            bad = list(range(len(rows)))
        got = values.shape_of(self.given[bad[0]][1])
        self._note("label", bad, got=got, expected="[[x]], one sentiment", advice=_CLASSES)
        return None

    def known_labels(self) -> list[Array]:
        """Return the labels [W] of each utterance, NaN where it has none."""
        found = [values.any_numbers(each[1]) for each in self.given]
        width = max((each.size for each in found if each is not None), default=1)
        none = np.full(width, np.nan)
        return [none if each is None or not each.size else each.reshape(-1) for each in found]

    def stream(self, modality: Modality, key: str, *, lengths: LengthSource) -> RawStream | None:
        """Return the frames of a stream, None where no utterance has any; what is wrong is noted.

        Args:
            modality: the stream.
            key: its name in messages.
            lengths: what is done with the lengths that MMIM's files state.
        """
        found = [_frames(inner[_FRAMES[modality]]) for inner in self._inner()]
        bad = [row for row, frames in enumerate(found) if frames is None]
        if bad:
            got = values.shape_of(self._inner()[bad[0]][_FRAMES[modality]])
            self._note(key, bad, got=got, expected="numbers [T, D]", advice="store the frames so")
            return None
        frames = [each for each in found if each is not None]
        widths = [each.shape[1] for each in frames if len(each)]
        if not widths:
            return None
        if other := [
            row for row, each in enumerate(frames) if len(each) and each.shape[1] != widths[0]
        ]:
            got, expected = f"width {frames[other[0]].shape[1]}", f"{widths[0]}, as in other rows"
            self._note(key, other, got=got, expected=expected, advice="store one width")
            return None
        if lengths != "detected":
            frames = self._cut(modality, key, frames=frames, is_checked=lengths == "checked")
        return RawStream(frames=[each.reshape(-1, widths[0]) for each in frames])

    def check_frames(
        self,
        words: Sequence[Sequence[str]],
        streams: Mapping[Modality, RawStream],
        *,
        is_asked: bool,
    ) -> bool:
        """Return whether each stream has one frame for each word; where asked, others are noted.

        A stream without any frame is absent and counts as having them.
        """
        counts = {m: list(map(len, stream.frames)) for m, stream in streams.items()}
        whole = [
            (modality, [n for n, each in enumerate(words) if found[n] not in (0, len(each))])
            for modality, found in counts.items()
        ]
        for modality, bad in whole if is_asked else ():
            if bad:
                first, expected = bad[0], "one frame a word in an aligned file"
                got = f"{counts[modality][first]} frames for {len(words[first])} words"
                advice = "read the file as unaligned (--data unaligned=PATH, --alignment unaligned)"
                self._note(modality, bad, got=got, expected=expected, advice=advice)
        return not any(bad for _, bad in whole)

    def _cut(
        self, modality: Modality, key: str, *, frames: list[Array], is_checked: bool
    ) -> list[Array]:
        """Return the frames cut to the stated lengths, which are checked where asked."""
        stated = [_stated(inner, _LENGTHS[modality]) for inner in self._inner()]
        pairs = list(zip(frames, stated, strict=True))
        bad = [n for n, (each, length) in enumerate(pairs) if length not in (None, len(each))]
        if bad and is_checked:
            got, expected = f"{len(frames[bad[0]])} frames", f"{stated[bad[0]]}, the stated length"
            self._note(key, bad, got=got, expected=expected, advice=_LENGTHS_ADVICE)
        return [each[: max(0, length)] if length is not None else each for each, length in pairs]

    def _inner(self) -> list[Sequence[Any]]:
        return [each[0] for each in self.given]

    def _note(self, key: str, bad: list[int], *, got: str, expected: str, advice: str) -> None:
        where = f"{got} at row {bad[0]} ({len(bad)} such rows)"
        self.problems.add(self.split, key, got=where, expected=expected, advice=advice)


def _is_utterance(given: object) -> bool:
    if not isinstance(given, list | tuple) or len(given) != 3:
        return False
    return isinstance(given[0], list | tuple) and len(given[0]) > max(_FRAMES.values())


def _shape(given: object) -> str:
    """Return what a message says of a row that is no utterance."""
    if not isinstance(given, list | tuple):
        return type(given).__name__
    inner = given[0] if given else None
    if len(given) == 3 and isinstance(inner, list | tuple):
        return f"{len(inner)} values before the label"
    return f"a {type(given).__name__} of {len(given)} values"


def _words(inner: Sequence[Any]) -> list[str] | None:
    """Return the actual words; the first place counts where there are no later ones."""
    later = _texts(inner[_ACTUAL_WORDS]) if len(inner) > _ACTUAL_WORDS else None
    first = _texts(inner[_WORDS])
    return later or first or (later if first is None else first)


def _texts(value: object) -> list[str] | None:
    if isinstance(value, np.ndarray) and value.size and value.dtype.kind not in "USO":
        return None  # numbers
    if not isinstance(value, list | tuple | np.ndarray):
        return None
    found, wrong = values.texts(value)
    return None if values.is_wrong(wrong) else found


def _frames(value: object) -> Array | None:
    """Return frames [T, D], T = 0 where there are none; None where it is something else."""
    found = np.zeros(0) if value is None else values.any_numbers(value)
    if found is None or (found.size and found.ndim != 2):
        return None
    return found if found.size else np.zeros((0, 1))


def _stated(inner: Sequence[Any], place: int) -> int | None:
    found = values.any_numbers(inner[place]) if len(inner) > place else None
    if found is None or found.size != 1 or not np.isfinite(found).all():
        return None
    return int(found.reshape(-1)[0])
