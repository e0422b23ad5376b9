from collections import Counter

import pytest

from sugrm.data.tables.division import divide, videos_of
from sugrm.types import Split


def videos(counts):
    return [f"v{number}" for number, count in enumerate(counts) for _ in range(count)]


@pytest.mark.parametrize("counts", [[5] * 40, [1] * 1000, [1, 9, 3, 7, 5] * 20])
def test_whole_videos_fill_the_splits_by_their_shares(counts):
    given = videos(counts)
    found = divide(given)
    assert all(len(splits) == 1 for splits in by_video(given, found).values())
    shares = {split: count / len(given) for split, count in Counter(found).items()}
    for split, share in ((Split.TRAIN, 0.7), (Split.VALID, 0.1), (Split.TEST, 0.2)):
        assert shares[split] == pytest.approx(share, abs=1.5 * max(counts) / len(given))


def by_video(given, found):
    splits = {}
    for video, split in zip(given, found, strict=True):
        splits.setdefault(video, set()).add(split)
    return splits


@pytest.mark.parametrize(
    "counts", [[1, 1, 1], [100, 1, 1], [1, 1, 100], [1, 100, 1, 1], [50, 50, 50]]
)
def test_no_split_is_empty(counts):
    assert set(divide(videos(counts))) == set(Split)


def test_the_order_of_the_rows_does_not_matter():
    given = videos([3] * 30)
    found = by_video(given, divide(given))
    assert by_video(given[::-1], divide(given[::-1])) == found


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["a_b$_$1", "a_b$_$2", "c$_$1"], ["a_b", "a_b", "c"]),
        ([f"v{row // 2}[{row}]" for row in range(40)], [f"v{row // 2}" for row in range(40)]),
        ([f"v{row // 2}_{row}" for row in range(40)], [f"v{row // 2}" for row in range(40)]),
        (["utt_1", "utt_2", "utt_3"], ["utt_1", "utt_2", "utt_3"]),
        (["1", "2", "3"], ["1", "2", "3"]),
    ],
)
def test_the_video_is_the_part_before_the_number(ids, expected):
    assert videos_of(ids) == expected
