"""From what a layout found to the content that is stored: real frames only, as float32."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sugrm.data.cache.content import SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.data.reading.extents import Extents
from sugrm.data.reading.padding import Extent
from sugrm.data.reading.raw import Array, RawSplit, RawStream
from sugrm.data.reading.text_arrays import token_lengths
from sugrm.types import Modality

_ALWAYS = (Modality.AUDIO, Modality.VISION)  # a model reads both, be they absent


@dataclass(frozen=True, slots=True, eq=False)
class PackedSplit:
    """The content of a split, and for each stream the number of values that were repaired."""

    content: SplitContent
    repaired: Mapping[Modality, int]


def pack_split(raw: RawSplit, extents: Extents) -> PackedSplit:
    """Return the real frames of a split with NaN and infinities set to 0.

    A stream that the file lacks, or whose frames are all zero, is absent: its length is 0.
    """
    streams: dict[Modality, Ragged] = {}
    repaired: dict[Modality, int] = {}
    for modality in (*_ALWAYS, Modality.TEXT):
        if modality in raw.streams:
            stream = raw.streams[modality]
            rows = _rows(stream, extents.of(modality))
            streams[modality], repaired[modality] = _packed(rows, stream.width)
        elif modality in _ALWAYS:
            absent = np.zeros(len(raw.ids), np.int64)
            streams[modality], repaired[modality] = Ragged.empty(absent, 1), 0
    content = SplitContent(
        ids=raw.ids,
        raw_text=raw.raw_text or [""] * len(raw.ids),
        labels=raw.labels,
        streams=streams,
        true_sentiments=dict(raw.unimodal_labels),
        words=raw.words,
        **({} if raw.token_ids is None else _token_columns(raw.token_ids)),
    )
    return PackedSplit(content, repaired)


def _rows(stream: RawStream, extent: Extent | None) -> Iterable[Array]:
    if extent is None:
        yield from stream.frames
        return
    for padded, start, length in zip(stream.frames, extent.starts, extent.lengths, strict=True):
        yield padded[start : start + length]


def _packed(rows: Iterable[Array], width: int) -> tuple[Ragged, int]:
    repaired = 0
    sequences: list[npt.NDArray[np.float32]] = []
    for row in rows:
        with np.errstate(over="ignore"):  # a float64 too large becomes infinite: repaired below
            frames = row.astype(np.float32)
        broken = ~np.isfinite(frames)
        if broken.any():
            repaired += int(broken.sum())
            frames[broken] = 0
        sequences.append(frames if frames.any() else frames[:0])
    return Ragged.pack(sequences, width), repaired


def _token_columns(token_ids: Array) -> dict[str, Any]:
    lengths = token_lengths(token_ids)

    def column(part: int) -> Ragged:
        padded = token_ids[:, part].astype(np.int64)
        cut = [row[:length] for row, length in zip(padded, lengths, strict=True)]
        return Ragged.pack(cut, 1, dtype=np.int64)

    return {"token_ids": column(0), "segment_ids": column(2)}
