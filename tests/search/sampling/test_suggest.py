import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from search.sampling.suggest import distributions, encode, suggest_parameters
from search.space import in_order, is_active, starting_values
from search.space.parameters import Parameter
from search.space.reading import load_space
from sugrm.config import ExperimentConfig

PARAMETERS = TypeAdapter(dict[str, Parameter]).validate_python(
    {
        "model.encoder.heads": {"choice": [2, 4], "when": {"model.encoder.name": ["spt"]}},
        "model.encoder.name": {"choice": ["spt", "lstm"]},
        "objective.tasks": {"choice": [["M"], ["M", "T"], ["M", "T", "A", "V"]]},
        "training.batch_size": {"low": 8, "high": 64, "log": True},
        "training.gradient_clip": {"choice": [None, 1.0]},
    }
)
SPACES = {name: load_space(name) for name in ("mosi", "mosei")}


def suggested(values):
    trial = optuna.trial.FixedTrial(encode(values))
    return suggest_parameters(trial, PARAMETERS)


@pytest.mark.parametrize(
    "values",
    [
        {
            "model.encoder.name": "spt",
            "model.encoder.heads": 4,
            "objective.tasks": ["M", "T"],
            "training.batch_size": 9,
            "training.gradient_clip": None,
        },
        {
            "model.encoder.name": "lstm",
            "objective.tasks": ["M"],
            "training.batch_size": 64,
            "training.gradient_clip": 1.0,
        },
    ],
)
def test_values_survive_the_way_through_optuna(values):
    assert suggested(values) == values
    optuna.trial.create_trial(
        params=encode(values),
        distributions=distributions(PARAMETERS, values),
        value=0.0,
    )


def test_a_parameter_whose_condition_fails_is_not_suggested():
    values = {
        "model.encoder.name": "lstm",
        "objective.tasks": ["M"],
        "training.batch_size": 8,
        "training.gradient_clip": None,
    }
    assert "model.encoder.heads" not in distributions(PARAMETERS, values)
    assert suggested({**values, "model.encoder.heads": 2}) == values


def test_a_condition_comes_before_what_depends_on_it():
    order = in_order(PARAMETERS)
    assert order.index("model.encoder.name") < order.index("model.encoder.heads")
    assert sorted(order) == sorted(PARAMETERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPACES)
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_suggested_trial_validates_and_its_dump_loads_as_itself(name, seed):
    space = SPACES[name]
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    values = suggest_parameters(study.ask(), space.search.parameters)
    for parameter_name, parameter in space.search.parameters.items():
        assert (parameter_name in values) == is_active(parameter, values)
    assert all(space.search.parameters[key].contains(value) for key, value in values.items())
    config = space.experiment_of(values)
    assert ExperimentConfig.model_validate_json(config.model_dump_json(), strict=True) == config
    assert (
        starting_values(space.search.parameters, values, experiment_of=space.experiment_of)
        == values
    )
