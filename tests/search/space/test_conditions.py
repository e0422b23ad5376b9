import random
from graphlib import CycleError

import pytest

from search.space import ChoiceParameter, FloatParameter, in_order, is_active
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
