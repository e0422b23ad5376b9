"""Which frames of each stream are real, from what a file states and from the zeros in it.

In an unaligned file each stream has its own lengths. In an aligned one audio and vision have the
text's: that of its token ids, or where the text comes without them the extent of all streams
together. Sequences that the file does not pad are kept whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from sugrm.data.reading.options import Reading
from sugrm.data.reading.padding import (
    Extent,
    Reals,
    Side,
    find_side,
    found_extent,
    real_frames,
    stated_extent,
    stated_side,
)
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import Lengths, RawSplit
from sugrm.data.reading.text_arrays import token_lengths
from sugrm.types import Modality, Split

Splits = Mapping[Split, RawSplit]
Real = Mapping[Split, Mapping[Modality, Reals]]


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
    outside_text: Mapping[Modality, int] = field(default_factory=dict)
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


def extents_of(raw: Splits, reading: Reading, *, problems: Problems) -> dict[Split, Extents]:
    """Return the extents of each split; real frames outside a stated length are a problem.

    Where the reading takes lengths ``stated``, these frames are left out. So are those outside the
    text of an aligned file, which ``outside_text`` counts. A stream has its padding on one side in
    all splits.
    """
    real = {
        split: {
            modality: real_frames(stream.frames)
            for modality, stream in found.streams.items()
            if isinstance(stream.frames, np.ndarray)
        }
        for split, found in raw.items()
    }
    if reading.alignment == "aligned":
        lengths = {split: _text_lengths(found) for split, found in raw.items()}
        known = {split: given for split, given in lengths.items() if given is not None}
        return _within_text(real, known) if len(known) == len(raw) else _joint(real)
    return _unaligned(raw, real, notes=None if reading.lengths == "stated" else problems)


def _text_lengths(raw: RawSplit) -> Lengths | None:
    if raw.token_ids is not None:
        return token_lengths(raw.token_ids)
    return raw.streams[Modality.TEXT].lengths if Modality.TEXT in raw.streams else None


def _unaligned(raw: Splits, real: Real, *, notes: Problems | None) -> dict[Split, Extents]:
    sides = {modality: _side(raw, real, modality=modality) for modality in Modality}
    extents: dict[Split, Extents] = {}
    for split, streams in real.items():
        found: dict[Modality, Extent] = {}
        for modality, frames in streams.items():
            lengths, side = raw[split].streams[modality].lengths, sides[modality]
            if lengths is None:
                found[modality] = found_extent(frames, side)
                continue
            found[modality], outside = stated_extent(frames, lengths, side=side)
            # States of padded tokens are not zero.
            if len(outside) and notes is not None and modality is not Modality.TEXT:
                _note(modality, outside, split=split, problems=notes)
        extents[split] = Extents(by_modality=found)
    return extents


def _side(raw: Splits, real: Real, *, modality: Modality) -> Side:
    frames = {split: found[modality] for split, found in real.items() if modality in found}
    lengths = {split: raw[split].streams[modality].lengths for split in frames}
    stated = [(frames[split], given) for split, given in lengths.items() if given is not None]
    return stated_side(stated) if stated else find_side(frames.values())


def _within_text(real: Real, lengths: Mapping[Split, Lengths]) -> dict[Split, Extents]:
    sides = {
        modality: stated_side(
            (found[modality], lengths[split]) for split, found in real.items() if modality in found
        )
        for modality in Modality
    }
    extents: dict[Split, Extents] = {}
    for split, streams in real.items():
        pairs = {
            modality: stated_extent(frames, lengths[split], side=sides[modality])
            for modality, frames in streams.items()
        }
        extents[split] = Extents(
            by_modality={modality: extent for modality, (extent, _) in pairs.items()},
            outside_text={modality: len(outside) for modality, (_, outside) in pairs.items()},
        )
    return extents


def _joint(real: Real) -> dict[Split, Extents]:
    joint = {
        split: reduce(np.logical_or, streams.values()) for split, streams in real.items() if streams
    }
    side = find_side(joint.values())
    extents: dict[Split, Extents] = {}
    for split, streams in real.items():
        if split not in joint:
            extents[split] = Extents(by_modality={})
            continue
        extent, text = found_extent(joint[split], side), streams.get(Modality.TEXT)
        beyond = text is not None and not np.array_equal(
            found_extent(text, side).lengths, extent.lengths
        )
        extents[split] = Extents(
            by_modality=dict.fromkeys(streams, extent), goes_beyond_text=beyond
        )
    return extents


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
