import random
from graphlib import CycleError

import pytest

from search.space import ChoiceParameter, FloatParameter, IntParameter, in_order, is_active
from search.space.conditions import draw, settings_of

PARAMETERS = {
    "leaf": FloatParameter(low=0, high=1, when={"branch": ("x", "y"), "root": (1, 2)}),
    "branch": ChoiceParameter(choice=("x", "y", "z"), when={"root": (2, 3)}),
    "root": ChoiceParameter(choice=(1, 2, 3)),
}


def test_parameters_are_ordered_after_what_they_depend_on():
    assert in_order(PARAMETERS) == ["root", "branch", "leaf"]


def test_a_circle_has_no_order():
    circle = {
        "a": ChoiceParameter(choice=(1,), when={"b": (1,)}),
        "b": ChoiceParameter(choice=(1,), when={"a": (1,)}),
    }
    with pytest.raises(CycleError):
        in_order(circle)


def test_settings_are_those_in_which_all_conditions_above_hold():
    settings = list(settings_of("leaf", PARAMETERS))
    assert settings == [{"branch": "x", "root": 2}, {"branch": "y", "root": 2}]
    assert all(is_active(PARAMETERS["leaf"], setting) for setting in settings)
    assert list(settings_of("root", PARAMETERS)) == [{}]


def test_a_draw_holds_exactly_the_active_parameters():
    generator = random.Random(1)
    drawn = [draw(PARAMETERS, generator) for _ in range(200)]
    for values in drawn:
        active = {name for name in PARAMETERS if is_active(PARAMETERS[name], values)}
        assert set(values) == active
        assert all(PARAMETERS[name].contains(value) for name, value in values.items())
    assert {len(values) for values in drawn} == {1, 2, 3}


@pytest.mark.parametrize(
    "parameter",
    [
        FloatParameter(low=0.1, high=0.7, step=0.1),
        FloatParameter(low=1e-5, high=1e-1, log=True),
        FloatParameter(low=-1.0, high=1.0),
        IntParameter(low=2, high=11, step=3),
        ChoiceParameter(choice=("a", "b")),
    ],
)
def test_a_drawn_value_is_one_that_a_search_may_suggest(parameter):
    generator = random.Random(0)
    drawn = [draw({"p": parameter}, generator)["p"] for _ in range(200)]
    assert all(parameter.contains(value) for value in drawn)
    assert len(set(drawn)) > 1


def test_a_logarithmic_range_is_drawn_on_its_scale():
    """Half of the values lie below the geometric mean of the bounds."""
    generator = random.Random(0)
    rate = FloatParameter(low=1e-5, high=1e-1, log=True)
    drawn = [draw({"rate": rate}, generator)["rate"] for _ in range(2000)]
    assert 900 < sum(value < 1e-3 for value in drawn) < 1100
