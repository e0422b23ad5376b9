"""Which frames of each stream are real, from what a file states and from the zeros in it.

In an unaligned file each stream has its own lengths. In an aligned one audio and vision have the
text's: that of its token ids, or where the text comes without them the extent of all streams
together. Sequences that the file does not pad are kept whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from sugrm.data.reading.options import Reading
from sugrm.data.reading.padding import (
    Extent,
    Reals,
    Side,
    found_extent,
    real_frames,
    stated_extent,
)
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import Lengths, RawSplit
from sugrm.data.reading.text_arrays import token_lengths
from sugrm.types import Modality, Split


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Extents:
    """The extent of each padded stream of a split; a stream that is not padded has none.

    Attributes:
        by_modality: stream -> its extent.
        outside_text: stream of an aligned file -> number of utterances with real frames outside
            the text's length, which are left out.
        goes_beyond_text: whether an aligned file without token ids has real frames of audio or
            vision beyond those of the text features.
    """

    by_modality: Mapping[Modality, Extent]
    outside_text: Mapping[Modality, int]
    goes_beyond_text: bool = False

    def of(self, modality: Modality) -> Extent | None:
        """Return the extent of a stream; None where all its frames are kept."""
        return self.by_modality.get(modality)

    @property
    def is_new(self) -> bool:
        """Whether readers before version 2 found other frames."""
        return self.goes_beyond_text or Side.FRONT in self.sides.values()

    @property
    def sides(self) -> dict[Modality, Side]:
        """Return the side of each stream's padding."""
        return {modality: extent.side for modality, extent in self.by_modality.items()}


def extents_of(raw: RawSplit, reading: Reading, *, split: Split, problems: Problems) -> Extents:
    """Return the extents of a split; real frames outside a stated length are noted as a problem.

    Where the reading takes lengths ``stated``, these frames are left out. So are those outside the
    text of an aligned file, which ``outside_text`` counts.
    """
    padded = {
        modality: real_frames(stream.frames)
        for modality, stream in raw.streams.items()
        if isinstance(stream.frames, np.ndarray)
    }
    if reading.alignment == "aligned":
        return _aligned(raw, padded)
    found: dict[Modality, Extent] = {}
    for modality, real in padded.items():
        lengths = raw.streams[modality].lengths
        if lengths is None:
            found[modality] = found_extent(real)
            continue
        found[modality], outside = stated_extent(real, lengths)
        if len(outside) and reading.lengths != "stated":
            _note(modality, outside, split=split, problems=problems)
    return Extents(by_modality=found, outside_text={})


def _aligned(raw: RawSplit, padded: Mapping[Modality, Reals]) -> Extents:
    if raw.token_ids is not None:
        lengths = token_lengths(raw.token_ids)
        found = {modality: stated_extent(real, lengths) for modality, real in padded.items()}
        return Extents(
            by_modality={modality: extent for modality, (extent, _) in found.items()},
            outside_text={modality: len(outside) for modality, (_, outside) in found.items()},
        )
    if not padded:
        return Extents(by_modality={}, outside_text={})
    joint = found_extent(reduce(np.logical_or, padded.values()))
    text = padded.get(Modality.TEXT)
    beyond = text is not None and not np.array_equal(found_extent(text).lengths, joint.lengths)
    return Extents(
        by_modality=dict.fromkeys(padded, joint), outside_text={}, goes_beyond_text=beyond
    )


def outside_text_remarks(extents: Iterable[Extents]) -> list[str]:
    """Return a sentence for each stream of an aligned file that is longer than its text."""
    counts: Counter[Modality] = Counter()
    for found in extents:
        counts.update(found.outside_text)
    return [
        f"{modality}: {count} utterances have frames outside the text's length, which are left out"
        for modality, count in counts.items()
        if count
    ]


def _note(modality: Modality, outside: Lengths, *, split: Split, problems: Problems) -> None:
    problems.add(
        split,
        modality,
        got=f"frames outside the stated length in {len(outside)} rows, the first at row "
        f"{outside[0]}",
        expected="zeros there",
        advice="correct the lengths, or have them found from the zeros: --set "
        "data.lengths=detected (data inspect: --lengths detected); with --set data.lengths=stated "
        "these frames are left out",
    )
