"""Small files in the layouts of MulT and of word tuples that were made to do harm."""

import os
import pickle
import time

import numpy as np
import pytest

from sugrm.data.formats.assembling import read_features
from sugrm.data.reading.options import Reading
from sugrm.errors import DataError

SPLITS = ("train", "valid", "test")
FRAMES = np.ones((3, 4, 2))
SECONDS = 20  # a generous bound: a few on a laptop


def outcome(path):
    """Return the message of a file that is refused, its path where it is read."""
    try:
        content, _ = read_features(path, Reading())
    except DataError as error:
        return str(error)
    return f"{path}: {len(content.splits)} splits"


class Harm:
    """Makes a file when it is unpickled by Python itself."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def mult(**changes):
    split = {"audio": FRAMES, "vision": FRAMES, "text": FRAMES, "labels": np.zeros((3, 1, 1))}
    return dict.fromkeys(SPLITS, split | {"id": ["a", "b", "c"]} | changes)


def tuples(place=None, value=None):
    parts = [["so", "good"], np.ones((2, 3)), np.ones((2, 2)), np.zeros((1, 1)), "a"]
    if place is not None:
        parts[place] = value
    return dict.fromkeys(SPLITS, [(tuple(parts[:3]), *parts[3:])] * 3)


TREES = {
    **{f"mult {key}": lambda bad, key=key: mult(**{key: bad}) for key in ("audio", "labels", "id")},
    **{f"tuples {n}": lambda bad, n=n: tuples(n, bad) for n in range(5)},
}
with_each = pytest.mark.parametrize("tree", TREES.values(), ids=list(TREES))


@pytest.mark.parametrize("protocol", [0, 2, 4])
@with_each
def test_nothing_is_executed(save, tmp_path, tree, protocol):
    made = tmp_path / "made"
    with pytest.raises(DataError, match="nothing was executed"):
        read_features(save(tree(Harm(made)), protocol=protocol), Reading())
    assert not made.exists()


@with_each
def test_lists_that_refer_to_each_other_many_times_are_refused(save, tree):
    value = [1.0] * 10
    for _ in range(12):
        value = [value] * 10
    with pytest.raises(DataError, match="most of them referred to many times"):
        read_features(save(tree(value)), Reading())


@with_each
def test_a_list_that_contains_itself_is_refused(save, tree):
    value = []
    value.append(value)
    with pytest.raises(DataError, match="contains itself"):
        read_features(save(tree(value)), Reading())


WRONG = [{}, set(), [[]], [{}], b"\xff", 10**400, [10**400, 0.5], np.array([{}]), np.zeros(()), 1j]


@pytest.mark.parametrize("value", WRONG, ids=range(len(WRONG)))
@with_each
def test_values_of_any_kind_are_read_or_refused_in_a_message(save, tree, value):
    assert "features.pkl: " in outcome(save(tree(value)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "row",
    [(), ((),), (((), None, None), 0.0, "a"), ((("",), [], []), [[1]], 0), [[[]], [], []]],
    ids=range(5),
)
def test_very_many_small_rows_are_read_or_refused_in_time(tmp_path, row):
    path = tmp_path / "flood.pkl"
    path.write_bytes(pickle.dumps({split: [row] * 10_000 for split in SPLITS}))
    started = time.perf_counter()
    assert "flood.pkl: " in outcome(path)
    assert time.perf_counter() - started < SECONDS
