import pytest

from search.space.reading.components import COMPONENTS
from sugrm.config import resolve


def removals(*layers):
    """Return what each component that an experiment has is left out by."""
    options = resolve(*layers).model_dump(mode="json")
    found = {name: component.removal(options) for name, component in COMPONENTS.items()}
    return {name: changes for name, changes in found.items() if changes is not None}


def test_sugrm_has_its_module_its_encoder_its_labels_and_its_tasks():
    assert removals({"preset": ["mosi", "paper"]}) == {
        "recalibration": {"model.recalibration": "none"},
        "sequence encoder": {"model.encoder.name": "lstm"},
        "generated labels": {"objective.labels.name": "none"},
        "text task": {"objective.tasks": ["M", "A", "V"]},
        "audio task": {"objective.tasks": ["M", "T", "V"]},
        "vision task": {"objective.tasks": ["M", "T", "A"]},
    }


def test_what_is_left_out_already_is_no_component():
    bare = {"model": {"recalibration": "none", "encoder": {"name": "lstm"}}}
    assert removals(bare, {"objective": {"tasks": ["M", "T"]}}) == {
        "generated labels": {"objective.labels.name": "none"},
        "text task": {"objective.tasks": ["M"]},
    }


def test_labels_that_no_task_learns_from_are_no_component():
    assert removals({"model": {"recalibration": "none"}, "objective": {"tasks": ["M"]}}) == {
        "sequence encoder": {"model.encoder.name": "lstm"}
    }


def test_a_system_without_an_option_lacks_its_component():
    assert removals({"model": {"name": "text_only"}}) == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["text", "audio", "vision"], {"model.modalities": ["text", "vision"]}),
        (["text", "vision"], None),
        (["audio"], None),
    ],
)
def test_a_modality_is_left_out_where_another_one_stays(given, expected):
    options = {"model": {"modalities": given}}
    assert COMPONENTS["audio modality"].removal(options) == expected
