import pytest
from pydantic import ValidationError

from sugrm.config import (
    PRESETS,
    ExperimentConfig,
    LstmConfig,
    SptConfig,
    TextConfig,
    TextOnlyConfig,
    nested,
    resolve,
)
from sugrm.errors import ArgumentError
from sugrm.types import Task


def test_presets_are_merged_left_to_right_under_explicit_values():
    config = resolve(
        {"preset": ["mosi", "released"], "training": {"accumulation": 2}},
        {"training": {"batch_size": 8}},
    )
    assert config.training.accumulation == 2
    assert config.training.batch_size == 8
    assert config.training.learning_rate.encoder == 5e-4
    assert config.model.encoder.attention_dropout == 0.0


def test_a_corpus_keeps_its_released_decay_under_released_and_loses_it_under_paper():
    decays = {
        (corpus, side): resolve({"preset": [corpus, side]}).training.weight_decay.others
        for corpus in ("mosi", "mosei")
        for side in ("paper", "released")
    }
    assert decays == {
        ("mosi", "paper"): 0.0,
        ("mosei", "paper"): 0.0,
        ("mosi", "released"): 1e-3,
        ("mosei", "released"): 1e-2,
    }


def test_another_variant_keeps_only_the_options_that_it_shares():
    config = resolve({"preset": "mosei"}, {"model": {"encoder": {"name": "lstm"}}})
    assert config.model.encoder == LstmConfig(embedding_dropout=0.2)


def test_naming_the_same_variant_again_keeps_all():
    config = resolve({"preset": "mosei"}, {"model": {"encoder": {"name": "spt"}}})
    assert config.model.encoder == SptConfig(
        heads=4,
        attention_dropout=0.1,
        relu_dropout=0.1,
        residual_dropout=0.1,
        embedding_dropout=0.2,
    )


def test_an_option_of_another_variant_is_refused():
    with pytest.raises(ValidationError, match="heads"):
        resolve({"model": {"encoder": {"name": "lstm", "heads": 4}}})


def test_an_unknown_preset_is_said_the_nearest_and_all_known_ones():
    message = r"'mosy' is unknown \(did you mean 'mosi'\?\); expected .* mosi, mosei, paper"
    with pytest.raises(ArgumentError, match=message):
        resolve({"preset": "mosy"})


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_names_only_known_options(preset):
    resolve({"alignment": "aligned", "preset": preset})


def test_dotted_keys_become_nested():
    assert nested({"a.b": 1, "a.c.d": 2, "e": 3}) == {"a": {"b": 1, "c": {"d": 2}}, "e": 3}


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(ValidationError, match=r"width 32 is not a multiple of encoder.heads 5"):
        resolve({"model": {"encoder": {"heads": 5}}})


@pytest.mark.parametrize(
    ("tasks", "message"), [(["T", "A"], "tasks needs M"), (["M", "T", "T"], "names one twice")]
)
def test_tasks_hold_m_and_no_task_twice(tasks, message):
    with pytest.raises(ValidationError, match=message):
        resolve({"objective": {"tasks": tasks}})


def test_not_a_number_is_refused():
    with pytest.raises(ValidationError, match="finite number"):
        resolve({"training": {"learning_rate": {"text": float("nan")}}})


def test_the_default_variant_need_not_be_named():
    assert resolve({"model": {"encoder": {"heads": 4}}}).model.encoder == SptConfig(heads=4)


@pytest.mark.parametrize(
    "layer",
    [
        {"training": {"learning_rate": {"text": "1e-5"}}},
        {"training": {"batch_size": True}},
        {"model": {"text": {"finetune": 1}}},
    ],
)
def test_text_is_no_number_and_a_number_no_truth_value(layer):
    with pytest.raises(ValidationError):
        resolve(layer)


def test_another_system_keeps_the_text_encoder_alone():
    config = resolve(
        {"preset": ["mosi", "paper"], "model": {"text": {"name": "minilm"}, "output_dropout": 0.2}},
        {"model": {"name": "text_only"}},
    )
    assert config.model == TextOnlyConfig(text=TextConfig(name="minilm"))


@pytest.mark.parametrize("model", [{"name": "sugrm", "head": "two_layer"}, {"width": 16}])
def test_a_later_preset_of_another_system_takes_the_text_encoder_alone(model):
    fixed = {"preset": ["mosi", "paper"], "model": {**model, "text": {"name": "minilm"}}}
    config = resolve(fixed, {"preset": "text_only", "model": {"width": 8}})
    assert config.model == TextOnlyConfig(text=TextConfig(name="minilm"), width=8)
    assert config.training.optimiser == "adamw"


def test_a_later_preset_that_names_no_other_system_keeps_all_options():
    fixed = {"preset": ["mosi", "paper"], "model": {"name": "sugrm", "width": 16}}
    assert resolve(fixed, {"preset": ["mosi", "released"]}).model.width == 16
    own = {"preset": "self_mm", "model": {"name": "self_mm", "fusion_width": 64}}
    assert resolve(own, {"preset": "self_mm_mosei"}).model.fusion_width == 64


def test_the_tasks_are_those_of_the_model_unless_given():
    assert resolve({}).objective.tasks == tuple(Task)
    assert resolve({"model": {"name": "text_only"}}).objective.tasks == (Task.MULTIMODAL,)
    assert ExperimentConfig(model=TextOnlyConfig()).objective.tasks == (Task.MULTIMODAL,)
    with pytest.raises(ValidationError, match="text_only predicts M alone"):
        resolve({"model": {"name": "text_only"}, "objective": {"tasks": ["M", "T"]}})


def test_an_experiment_survives_a_round_trip():
    for preset in PRESETS:
        config = resolve({"alignment": "aligned", "preset": preset})
        assert ExperimentConfig.model_validate_json(config.model_dump_json()) == config
