"""Finite spaces are counted and listed; the count is checked against the list."""

import time

import pytest

from search.space.conditions import is_active
from search.space.configurations import combinations, count_combinations, list_configurations
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
        listed = list(combinations(parameters))
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


def pairs(number):
    """Return ``number`` choices of two, each with a parameter of three under one of them."""
    parameters = {}
    for place in range(number):
        parameters[f"c{place}"] = ChoiceParameter(choice=("x", "y"))
        parameters[f"p{place}"] = IntParameter(low=1, high=3, when={f"c{place}": ("x",)})
    return parameters


def with_root(parameters):
    """Return the same parameters, those without a condition active under one value of another."""
    root = ChoiceParameter(choice=("on", "off"))
    below = {
        name: one if one.when else one.model_copy(update={"when": {"root": ("on",)}})
        for name, one in parameters.items()
    }
    return {"root": root, **below}


def chain(length):
    parameters = {"p0": ChoiceParameter(choice=(1, 2, 3))}
    for place in range(1, length):
        parameters[f"p{place}"] = ChoiceParameter(choice=(1, 2, 3), when={f"p{place - 1}": (1, 2)})
    return parameters


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (pairs(18), 4**18),
        (with_root(pairs(18)), 4**18 + 1),
        (
            {
                **{f"c{place}": ChoiceParameter(choice=(1, 2)) for place in range(40)},
                "last": IntParameter(
                    low=1, high=5, when={f"c{place}": (1,) for place in range(40)}
                ),
            },
            2**40 + 4,
        ),
        (chain(60), 2**61 - 1),
    ],
)
def test_many_conditions_are_counted_at_once(parameters, expected):
    began = time.perf_counter()
    assert count_combinations(parameters) == expected
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("parameters", [pairs(3), with_root(pairs(3)), chain(5)])
def test_linked_parameters_are_counted_as_they_are_listed(parameters):
    assert count_combinations(parameters) == len(list(combinations(parameters)))


@pytest.mark.slow
def test_conditions_that_link_too_much_are_not_counted():
    parameters = {f"c{place}": ChoiceParameter(choice=(1, 2)) for place in range(16)}
    for place in range(16 * 16):
        first, second = f"c{place % 16}", f"c{place // 16}"
        parameters[f"p{place}"] = IntParameter(
            low=1, high=3, when={first: (1,), second: (2,) if first != second else (1,)}
        )
    began = time.perf_counter()
    assert count_combinations(parameters) is None
    assert time.perf_counter() - began < 10
