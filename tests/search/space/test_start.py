import pytest

from search.space import ChoiceParameter, FloatParameter
from search.space.start import could_suggest, starting_values
from sugrm.config import nested, resolve


def values(parameters, changes, fixed=None):
    return starting_values(
        parameters, changes, experiment_of=lambda c: resolve(fixed or {}, nested(c))
    )


def test_fixed_values_and_changes_are_read_from_the_resolved_experiment():
    parameters = {
        "training.learning_rate.text": FloatParameter(low=1e-5, high=1e-4),
        "model.encoder.heads": ChoiceParameter(choice=(4,), when={"model.encoder.name": ("spt",)}),
        "model.encoder.name": ChoiceParameter(choice=("spt", "lstm")),
    }
    assert values(parameters, {}, {"preset": "mosei"}) == {
        "training.learning_rate.text": 5e-5,
        "model.encoder.name": "spt",
        "model.encoder.heads": 4,
    }
    assert values(parameters, {"model.encoder.name": "lstm"}) == {
        "training.learning_rate.text": 5e-5,
        "model.encoder.name": "lstm",
    }


def test_a_list_or_section_is_found_among_the_choices_however_it_is_written():
    parameters = {
        "objective.tasks": ChoiceParameter(choice=(["T", "M"], ["M"])),
        "objective.labels": ChoiceParameter(choice=({"name": "none"}, {"name": "sugrm"})),
        "preset": ChoiceParameter(choice=("mosi", "mosei")),
    }
    fixed = {"preset": "mosei", "objective": {"tasks": ["M", "T"]}}
    assert values(parameters, {}, fixed) == {
        "objective.tasks": ["T", "M"],
        "objective.labels": {"name": "sugrm"},
        "preset": "mosei",
    }


RANGE = "search.parameters.training.learning_rate.others={low: 1.0e-3, high: 1.0e-2, log: true}"
ENCODERS = (
    "search.parameters.model.encoder.name={choice: [lstm, spt]}",
    "search.parameters.model.encoder.heads={choice: [2, 4], when: {model.encoder.name: [spt]}}",
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"training.learning_rate.others": 0.005, "objective.loss": "l2"}, True),
        ({"training.learning_rate.others": 0.0005, "objective.loss": "l2"}, False),
        ({"training.learning_rate.others": 0.005, "objective.loss": "huber"}, False),
        ({"training.learning_rate.others": 0.005}, True),  # the fixed loss is one of the choices
        ({"training.learning_rate.others": 0.005, "model.width": 8}, False),
        ({"training.learning_rate.others": 0.005, "model.width": 4}, True),  # as the fixed value
        ({}, True),
    ],
)
def test_a_trial_belongs_to_a_search_that_could_suggest_its_values(mini, changes, expected):
    space = mini(RANGE, "search.start=[]")
    assert could_suggest(space.search, changes, experiment_of=space.experiment_of) is expected


@pytest.mark.parametrize(("heads", "expected"), [(2, True), (1, False)])
def test_a_value_under_a_condition_counts_where_the_condition_holds(mini, heads, expected):
    space = mini(RANGE, *ENCODERS, "search.start=[]")
    changes = {"training.learning_rate.others": 0.005, "objective.loss": "l1"}
    lstm = changes | {"model.encoder.name": "lstm"}
    spt = changes | {"model.encoder.name": "spt", "model.encoder.heads": heads}
    assert could_suggest(space.search, lstm, experiment_of=space.experiment_of)
    assert could_suggest(space.search, spt, experiment_of=space.experiment_of) is expected
