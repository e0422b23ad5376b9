from search.space import ChoiceParameter, FloatParameter
from search.space.start import starting_values
from sugrm.config import nested, resolve


def values(parameters, changes, fixed=None):
    return starting_values(parameters, changes, lambda c: resolve(fixed or {}, nested(c)))


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
