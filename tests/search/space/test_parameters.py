import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna._transform import _untransform_numerical_param
from pydantic import TypeAdapter, ValidationError

from search.space import ChoiceParameter, FloatParameter, IntParameter
from search.space.parameters import Parameter

adapter = TypeAdapter(Parameter)


@pytest.mark.parametrize(
    ("given_", "kind"),
    [
        ({"low": 1, "high": 4}, IntParameter),
        ({"low": 1, "high": 4.0}, FloatParameter),
        ({"low": 1e-5, "high": 1e-3, "log": True}, FloatParameter),
        ({"choice": [1]}, ChoiceParameter),
    ],
)
def test_the_bounds_say_what_a_parameter_is(given_, kind):
    assert type(adapter.validate_python(given_)) is kind


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        ({"low": 2, "high": 1}, "inverted bounds: low 2 is above high 1"),
        ({"low": 0.0, "high": 1, "log": True}, "log needs a low above 0; got low 0.0"),
        ({"low": 1, "high": 3, "log": True, "step": 1}, "log and step 1 exclude each other"),
        ({"low": 0.0, "high": 1, "step": 0.3}, "is not low 0.0 plus a multiple of step 0.3"),
        ({"choice": [1, 2, 1.0]}, "the choice 1.0 is listed twice"),
        ({"choice": []}, "at least 1 item"),
        ({"choice": [1], "low": 1}, "choice"),
        ({}, "Field required"),
    ],
)
def test_a_range_or_choice_that_cannot_be_sampled_is_refused(faulty, message):
    with pytest.raises(ValidationError, match=message):
        adapter.validate_python(faulty)


def is_in(distribution, value):
    """Whether Optuna takes a trial with this value."""
    try:
        optuna.trial.create_trial(value=0.0, params={"x": value}, distributions={"x": distribution})
    except ValueError:
        return False
    return True


@given(
    low=st.integers(-20, 20),
    steps=st.integers(0, 9),
    step=st.integers(1, 5),
    value=st.integers(-60, 60),
)
def test_an_integer_is_contained_as_in_optunas_distribution(low, steps, step, value):
    parameter = IntParameter(low=low, high=low + steps * step, step=step)
    distribution = optuna.distributions.IntDistribution(low, low + steps * step, step=step)
    assert parameter.contains(value) == is_in(distribution, value)


@given(
    steps=st.integers(0, 9),
    value=st.sampled_from([0.0, 0.1, 0.15, 0.2, 0.30000000000000004, 0.5, 0.9]),
)
def test_a_float_is_contained_as_in_optunas_distribution(steps, value):
    high = round(steps * 0.1, 10)
    parameter = FloatParameter(low=0.0, high=high, step=0.1)
    distribution = optuna.distributions.FloatDistribution(0.0, high, step=0.1)
    assert parameter.contains(value) == is_in(distribution, value)


def test_truth_values_and_text_are_no_numbers():
    assert not IntParameter(low=0, high=1).contains(True)
    assert not FloatParameter(low=0, high=1).contains("0.5")


@pytest.mark.slow
@given(
    low=st.sampled_from([-1.0, 0.0, 0.1, 1e-3]),
    steps=st.integers(1, 40),
    step=st.sampled_from([0.1, 0.01, 0.3, 1e-8]),
    data=st.data(),
)
def test_values_of_a_grid_are_those_that_optuna_suggests(low, steps, step, data):
    high = round(low + steps * step, 10)
    parameter = FloatParameter(low=low, high=high, step=step)
    assert parameter.size == steps + 1
    place = data.draw(st.integers(0, steps))
    distribution = optuna.distributions.FloatDistribution(low, high, step=step)
    suggested = _untransform_numerical_param(low + place * step, distribution, transform_log=True)
    assert parameter.value_at(place) == suggested


@pytest.mark.parametrize(
    ("parameter", "size"),
    [
        (FloatParameter(low=0.0, high=0.3, step=1e-8), 30_000_001),
        (FloatParameter(low=0.0, high=1e15, step=1e-3), 10**18 + 1),
        (IntParameter(low=-(10**18), high=10**18), 2 * 10**18 + 1),
        (IntParameter(low=1, high=8, step=7), 2),
        (ChoiceParameter(choice=(1, "a")), 2),
        (FloatParameter(low=0.0, high=1.0), None),
        (FloatParameter(low=0.5, high=0.5), 1),
    ],
)
def test_values_are_counted_without_listing_them(parameter, size):
    assert parameter.size == size


def test_a_step_too_small_for_its_range_is_refused():
    with pytest.raises(ValidationError, match="plus a multiple of step"):
        adapter.validate_python({"low": 0.0, "high": 1e300, "step": 1e-300})
