"""Rules between the sections of an experiment."""

import pytest
from pydantic import ValidationError

from sugrm.config import resolve

ONE_WIDTH = dict.fromkeys(("fusion_width", "text_width", "audio_width", "vision_width"), 32)
SUGRMS = {"objective": {"labels": {"name": "sugrm"}}}


def test_labels_by_distances_between_tasks_refuse_features_of_several_widths():
    with pytest.raises(ValidationError) as refusal:
        resolve({"preset": "self_mm"}, SUGRMS)
    assert str(refusal.value.errors()[0]["ctx"]["error"]) == (
        "objective.labels.name: sugrm needs one feature width for every task; got M 128, T 64, "
        "A 16, V 32; set model.fusion_width, model.text_width, model.audio_width and "
        "model.vision_width to one value, or objective.labels.name: self_mm"
    )


def test_features_of_one_width_serve_every_label_generator():
    for name in ("sugrm", "self_mm", "none"):
        labels = {"objective": {"labels": {"name": name}}}
        config = resolve({"preset": "self_mm"}, {"model": ONE_WIDTH}, labels)
        assert config.objective.labels.name == name


@pytest.mark.parametrize("name", ["self_mm", "none"])
def test_other_labels_take_features_of_any_width(name):
    resolve({"preset": "self_mm"}, {"objective": {"labels": {"name": name}}})


def test_only_the_widths_of_the_tasks_that_are_learnt_count():
    tasks = {"objective": {"tasks": ["M", "V"]}}
    with pytest.raises(ValidationError, match="got M 128, V 32; set "):
        resolve({"preset": "self_mm"}, SUGRMS, tasks)
    resolve({"preset": "self_mm"}, SUGRMS, tasks, {"model": {"vision_width": 128}})
    resolve({"preset": "self_mm"}, SUGRMS, {"objective": {"tasks": ["M"]}})


@pytest.mark.parametrize("labels", ["sugrm", "self_mm", "none"])
def test_sugrm_has_one_width_for_every_label_generator(labels):
    resolve({"objective": {"labels": {"name": labels}}})


def test_no_option_of_one_label_generator_reaches_another():
    config = resolve(
        {"preset": ["mosi", "released"]}, {"objective": {"labels": {"name": "self_mm"}}}
    )
    assert config.objective.labels.exclude_zero
    assert config.objective.labels.bound == 3.0


def test_heads_that_do_not_divide_self_mms_encoder_width_are_refused():
    encoder = {"name": "spt", "heads": 5}
    with pytest.raises(ValidationError, match=r"encoder_width 32 is not a multiple of encoder.he"):
        resolve({"preset": "self_mm"}, {"model": {"encoder": encoder}})


def test_self_mm_has_no_encoder_of_sugrms_lstm():
    with pytest.raises(ValidationError, match="depth"):
        resolve({"preset": "self_mm"}, {"model": {"encoder": {"depth": 2}}})
