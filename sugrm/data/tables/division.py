"""Splits for a table that names none: 70 % train, 10 % valid, 20 % test, whole videos each."""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from sugrm.data.names import CLIP, video_of
from sugrm.types import Split

LEAST_VIDEOS = 3
"""One for each split."""
_ENOUGH = 10  # names without a video part that still tell videos apart
_TRAIN, _TRAIN_AND_VALID = 0.7, 0.8


def videos_of(ids: Sequence[str]) -> list[str]:
    """Return the video of each utterance, the part of its name before the number.

    Names such as ``utt_1`` and ``utt_2``, with hardly a different part, are taken whole.
    """
    videos = [video_of(name) for name in ids]
    is_numbered = len(set(videos)) < min(_ENOUGH, len(set(ids)))
    return list(ids) if is_numbered and not any(CLIP in name for name in ids) else videos


def divide(videos: Sequence[str]) -> list[Split]:
    """Return the split of each utterance, the same whenever the videos are the same.

    The videos are sorted by a hash of their names, and fill train, then valid, then test; each
    gets at least one.

    Args:
        videos: the video of each utterance; at least ``LEAST_VIDEOS`` different ones.
    """
    counts = Counter(videos)
    order = sorted(counts, key=lambda name: hashlib.sha256(name.encode("utf-8")).digest())
    ends = accumulate(counts[name] for name in order)
    middles = [end - counts[name] / 2 for end, name in zip(ends, order, strict=True)]
    train = _clamped(bisect_left(middles, _TRAIN * len(videos)), 1, most=len(order) - 2)
    both = bisect_left(middles, _TRAIN_AND_VALID * len(videos))
    both = _clamped(both, train + 1, most=len(order) - 1)
    places = {name: place for place, name in enumerate(order)}
    return [_split_at(places[name], train, both=both) for name in videos]


def _clamped(value: int, least: int, *, most: int) -> int:
    return max(least, min(value, most))


def _split_at(place: int, train: int, *, both: int) -> Split:
    if place < train:
        return Split.TRAIN
    return Split.VALID if place < both else Split.TEST
