import numpy as np
import pytest

from sugrm.data.reading import values


@pytest.mark.parametrize(
    ("value", "rank", "shape"),
    [
        ([1, 2.5], 1, (2,)),
        (np.ones((2, 1, 1)), 1, (2,)),
        ([[[1], [2]]], 3, (1, 2, 1)),
        (np.ones((0,)), 1, (0,)),
        (np.ones(3, bool), 1, (3,)),
    ],
)
def test_numbers_of_the_right_rank_are_an_array(value, rank, shape):
    found = values.numbers(value, rank)
    assert found is not None
    assert found.shape == shape


@pytest.mark.parametrize(
    ("value", "rank"),
    [
        (np.ones((2, 2)), 1),
        (np.ones((2, 0, 3)), 3),
        ([[1], [1, 2]], 2),
        (["1", "2"], 1),
        ([None], 1),
        ([10**400, 0.5], 1),
        (np.array(["a"]), 1),
        (np.ones(2, complex), 1),
        ("12", 1),
        (7, 1),
    ],
)
def test_what_is_no_array_of_that_rank_is_none(value, rank):
    assert values.numbers(value, rank) is None


def test_sequences_without_frames_take_the_width_of_the_others():
    found = values.sequences([np.ones((2, 3)), np.ones((0, 5)), [[1, 2, 3]]])
    assert found is not None
    assert [each.shape for each in found] == [(2, 3), (0, 3), (1, 3)]


@pytest.mark.parametrize(
    "value", [[], "ab", [np.ones(3)], [np.ones((1, 2)), np.ones((1, 3))], [np.ones((0, 2))], 3]
)
def test_what_is_no_list_of_sequences_is_none(value):
    assert values.sequences(value) is None


def test_texts_are_strings_or_bytes_of_utf_8():
    assert values.texts(np.array(["a", "b"])) == (["a", "b"], "")
    assert values.texts(["a", "\u00e9".encode()]) == (["a", "\u00e9"], "")
    assert values.texts([["a"], ["b"]]) == (["a", "b"], "")


@pytest.mark.parametrize("wrong", [None, 3, b"\xff", "\ud800"])
def test_the_first_value_that_is_no_text_is_returned(wrong):
    assert values.texts(["a", wrong, None])[1] == wrong


def test_names_that_are_too_large_or_no_number_are_none():
    for wrong in (10**50, float("inf"), True, None):
        assert values.names([wrong])[1] == wrong
