import pytest
from pydantic import ValidationError

from sugrm.config import resolve


def test_the_preset_holds_the_defaults_of_the_released_driver():
    """multimodal_driver.py: argument defaults, ``prep_for_training`` and ``train_epoch``."""
    config = resolve({"preset": ["mag_bert"]})
    model, training = config.model, config.training
    assert (config.alignment, model.name, config.objective.loss) == ("aligned", "mag_bert", "l2")
    assert (model.text.name, model.text.finetune, model.text.max_tokens) == (
        "bert-base-uncased",
        True,
        50,
    )
    assert (model.layer, model.beta, model.gate_dropout, model.output_dropout) == (0, 1.0, 0.5, 0.1)
    assert (training.batch_size, training.accumulation, training.max_epochs) == (48, 1, 40)
    assert (training.optimiser, training.gradient_clip) == ("adamw", None)
    assert (training.schedule, training.warmup) == ("linear", 0.1)
    assert training.learning_rate.text == training.learning_rate.others == 1e-5
    assert training.weight_decay.text == training.weight_decay.others == 1e-2
    assert training.patience >= training.max_epochs


def test_modalities_stand_in_one_order_whatever_was_written():
    model = resolve({"preset": ["mag_bert"], "model": {"modalities": ["vision", "text"]}}).model
    assert model.modalities == model.streams == ("text", "vision")


@pytest.mark.parametrize(
    ("modalities", "message"),
    [
        (["audio"], "modalities needs text: the gate works inside the text encoder"),
        (["text", "audio", "text"], "modalities names one twice: text, audio, text"),
    ],
)
def test_modalities_without_text_or_with_one_twice_are_refused(modalities, message):
    with pytest.raises(ValidationError, match=message):
        resolve({"preset": ["mag_bert"], "model": {"modalities": modalities}})
