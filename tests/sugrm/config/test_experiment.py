"""Rules between the sections of an experiment."""

import pytest
from pydantic import ValidationError

from sugrm.config import resolve
from sugrm.config.identity import identifying_options

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


@pytest.mark.parametrize("name", ["sugrm", "self_mm"])
@pytest.mark.parametrize(
    ("modalities", "tasks"),
    [
        (["text", "audio", "vision"], "MTAV"),
        (["audio", "text"], "MTA"),
        (["audio", "vision"], "MAV"),
        (["vision"], "MV"),
    ],
)
def test_tasks_that_are_left_out_follow_the_modalities(name, modalities, tasks):
    model = {"name": name, "modalities": modalities}
    config = resolve({"model": model, "objective": {"labels": {"name": "self_mm"}}})
    assert "".join(config.objective.tasks) == "".join(config.model.tasks) == tasks
    assert set(config.model.streams) == set(modalities)


def test_the_tasks_of_a_system_without_unimodal_ones_stay_whatever_it_reads():
    config = resolve({"model": {"name": "lf_lstm", "modalities": ["audio"]}})
    assert config.objective.tasks == ("M",)


def test_the_task_of_a_stream_that_is_left_out_is_refused():
    tasks = {"objective": {"tasks": ["M", "T", "A", "V"]}}
    with pytest.raises(ValidationError) as refusal:
        resolve({"model": {"modalities": ["audio"]}}, tasks)
    (error,) = refusal.value.errors()
    assert str(error["ctx"]["error"]) == (
        "objective.tasks names T, V, but model.modalities: audio leaves out text, vision; set "
        "objective.tasks: [M, A], leave it out (it then follows the modalities), or add text, "
        "vision to model.modalities"
    )


def test_fewer_tasks_than_the_streams_allow_may_be_named():
    config = resolve({"model": {"modalities": ["text", "audio"]}, "objective": {"tasks": ["M"]}})
    assert config.objective.tasks == ("M",)


@pytest.mark.parametrize("name", ["sugrm", "self_mm"])
def test_every_modality_is_the_default_and_leaves_no_trace_in_the_identity(name):
    labels = {"objective": {"labels": {"name": "self_mm"}}}
    every = {"model": {"name": name, "modalities": ["vision", "audio", "text"]}}
    one, other = resolve({"model": {"name": name}}, labels), resolve(every, labels)
    assert identifying_options(one) == identifying_options(other)
    assert "modalities" not in identifying_options(one)["model"]
    fewer = resolve({"model": {"name": name, "modalities": ["text"]}}, labels)
    assert identifying_options(fewer)["model"]["modalities"] == ["text"]
