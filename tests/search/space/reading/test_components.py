import pytest

from search.space.reading.components import COMPONENTS
from sugrm.config import nested, resolve

MODALITIES = {
    "text modality": {"model.modalities": ["audio", "vision"]},
    "audio modality": {"model.modalities": ["text", "vision"]},
    "vision modality": {"model.modalities": ["text", "audio"]},
}
"""What leaves a stream out of a system that has no task of it."""


def removals(*layers):
    """Return what each component that an experiment has is left out by."""
    options = resolve(*layers).model_dump(mode="json")
    found = {name: component.removal(options) for name, component in COMPONENTS.items()}
    return {name: changes for name, changes in found.items() if changes is not None}


def test_sugrm_has_its_module_its_encoder_its_labels_its_tasks_and_its_streams():
    assert removals({"preset": ["mosi", "paper"]}) == {
        "recalibration": {"model.recalibration": "none"},
        "sequence encoder": {"model.encoder.name": "lstm"},
        "generated labels": {"objective.labels.name": "none"},
        "text task": {"objective.tasks": ["M", "A", "V"]},
        "audio task": {"objective.tasks": ["M", "T", "V"]},
        "vision task": {"objective.tasks": ["M", "T", "A"]},
        "text modality": {**MODALITIES["text modality"], "objective.tasks": ["M", "A", "V"]},
        "audio modality": {**MODALITIES["audio modality"], "objective.tasks": ["M", "T", "V"]},
        "vision modality": {**MODALITIES["vision modality"], "objective.tasks": ["M", "T", "A"]},
    }


def test_what_is_left_out_already_is_no_component():
    bare = {"model": {"recalibration": "none", "encoder": {"name": "lstm"}}}
    assert removals(bare, {"objective": {"tasks": ["M", "T"]}}) == {
        "generated labels": {"objective.labels.name": "none"},
        "text task": {"objective.tasks": ["M"]},
        **MODALITIES,
        "text modality": {**MODALITIES["text modality"], "objective.tasks": ["M"]},
    }


def test_labels_that_no_task_learns_from_are_no_component():
    assert removals({"model": {"recalibration": "none"}, "objective": {"tasks": ["M"]}}) == {
        "sequence encoder": {"model.encoder.name": "lstm"},
        **MODALITIES,
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


@pytest.mark.parametrize("name", ["sugrm", "self_mm"])
def test_one_stream_has_no_recalibration_and_cannot_be_left_out(name):
    model = {"name": name, "recalibration": "sugrm", "modalities": ["text"]}
    found = removals({"model": model, "objective": {"labels": {"name": "self_mm"}}})
    assert "recalibration" not in found
    assert not found.keys() & MODALITIES.keys()


@pytest.mark.parametrize("preset", ["sugrm", "self_mm", "spt", "lf_lstm"])
def test_a_system_without_a_stream_is_a_valid_experiment(preset):
    layer = {"model": {"name": preset}, "objective": {"labels": {"name": "self_mm"}}}
    for name in MODALITIES:
        changes = nested(removals(layer)[name])
        config = resolve(layer, changes)
        assert list(config.model.streams) == changes["model"]["modalities"]
        assert config.objective.tasks == config.model.tasks
