"""Finite spaces are counted and listed; the count is checked against the list."""

import pytest

from search.space.conditions import is_active
from search.space.configurations import _combinations, count_combinations, list_configurations
from search.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from sugrm import SugrmError

ENCODER = ChoiceParameter(choice=("lstm", "spt"))
HEADS = ChoiceParameter(choice=(1, 2, 4), when={"encoder": ("spt",)})


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"encoder": ENCODER}, 2),
        ({"encoder": ENCODER, "heads": HEADS}, 4),  # lstm, or spt with one of three
        ({"heads": HEADS, "encoder": ENCODER}, 4),
        ({"size": IntParameter(low=2, high=8, step=3)}, 3),
        ({"size": IntParameter(low=3, high=3)}, 1),
        ({"rate": FloatParameter(low=0.0, high=0.5, step=0.1)}, 6),
        ({"rate": FloatParameter(low=0.1, high=0.7, step=0.1)}, 7),
        ({"rate": FloatParameter(low=0.5, high=0.5)}, 1),
        ({"rate": FloatParameter(low=0.0, high=0.5)}, None),
        ({"rate": FloatParameter(low=0.0, high=0.5), "encoder": ENCODER}, None),
        (
            {
                "size": IntParameter(low=1, high=10),
                "deep": ChoiceParameter(choice=(True, False), when={"size": (9, 10, 11)}),
                "more": IntParameter(low=1, high=5, when={"deep": (True,)}),
            },
            8 + 2 * (5 + 1),
        ),
    ],
)
def test_combinations_are_counted_with_their_conditions(parameters, expected):
    assert count_combinations(parameters) == expected
    if expected is not None:
        listed = list(_combinations(parameters))
        assert len(listed) == expected
        assert all(
            parameters[name].contains(value) for values in listed for name, value in values.items()
        )
        assert all(
            is_active(parameters[name], values) == (name in values)
            for values in listed
            for name in parameters
        )


def test_a_huge_space_is_counted_without_listing_it():
    parameters = {f"p{place}": IntParameter(low=1, high=1000) for place in range(6)}
    assert count_combinations(parameters) == 10**18


def test_configurations_that_are_equal_or_cannot_run_count_once_or_not_at_all(mini):
    search = mini("search.parameters={training.batch_size: {choice: [4, 8, 16]}}").search

    def identify(changes):
        if changes.get("training.batch_size") == 8:
            raise SugrmError("not 8")
        return str(changes.get("training.batch_size", 16))

    found = list_configurations(search, identify)
    assert found == {"16": {}, "4": {"training.batch_size": 4}}  # the starting point is one of 16


def test_a_space_of_real_numbers_is_not_listed(mini):
    assert list_configurations(mini().search, str) is None
