"""The LSTM baselines' and TFN's options, and their presets against the sources, written out."""

import pytest
from pydantic import ValidationError

from sugrm.config import resolve
from sugrm.types import Modality

# batch, rate, decay of the encoder and of the rest, and the options of the model.
MMSA = {
    "ef_lstm_mosei": (128, 5e-3, 1e-4, {"width": 256, "depth": 2, "dropout": 0.4}),
    "lf_lstm": (128, 1e-3, 1e-2, {"audio_width": 16, "width": 128, "dropout": 0.2}),
    "lf_lstm_mosei": (64, 2e-3, 1e-3, {"audio_width": 32, "width": 128, "dropout": 0.2}),
    "tfn_mosei": (128, 5e-3, 0.0, {"vision_width": 128, "width": 16, "fusion_dropout": 0.4}),
}


@pytest.mark.parametrize("preset", MMSA)
def test_presets_hold_the_values_of_mmsa(preset):
    config = resolve({"alignment": "aligned", "preset": preset})
    batch, rate, decay, options = MMSA[preset]
    assert preset.startswith(config.model.name)
    assert (config.training.batch_size, config.training.optimiser) == (batch, "adam")
    assert config.training.learning_rate.others == rate
    assert config.training.weight_decay.encoder == decay
    assert config.training.weight_decay.others == decay
    assert (config.training.patience, config.objective.loss) == (8, "l1")
    assert config.model.model_dump().items() >= options.items()


def test_the_preset_of_ef_lstm_holds_the_values_of_mfns_code():
    config = resolve({"preset": "ef_lstm"})
    model, training = config.model, config.training
    assert (model.width, model.depth, model.dropout) == (128, 1, 0.5)
    assert (training.batch_size, training.learning_rate.others) == (32, 1e-2)
    assert (training.max_epochs, config.objective.loss) == (100, "l1")
    assert (training.weight_decay.encoder, training.weight_decay.others) == (0.0, 0.0)


def test_the_preset_of_tfn_holds_the_values_of_its_paper():
    config = resolve({"alignment": "aligned", "preset": "tfn"})
    model, training = config.model, config.training
    assert (model.text_width, model.audio_width, model.vision_width) == (128, 32, 32)
    assert (model.width, model.dropout, model.fusion_dropout) == (128, 0.15, 0.0)
    assert (training.learning_rate.others, config.objective.loss) == (5e-4, "l2")
    decay = training.weight_decay
    assert (decay.audio, decay.vision, decay.encoder, decay.others) == (0.01, 0.01, 0.0, 0.0)


@pytest.mark.parametrize("name", ["ef_lstm", "lf_lstm", "tfn"])
def test_modalities_are_some_and_distinct(name):
    def modalities(*names):
        options = {"name": name, "modalities": list(names)}
        return resolve({"alignment": "aligned", "model": options}).model.streams

    assert modalities("vision", "text") == (Modality.TEXT, Modality.VISION)
    with pytest.raises(ValidationError, match="at least one of text, audio, vision; got none"):
        modalities()
    with pytest.raises(ValidationError, match="modalities names one twice: audio, audio"):
        modalities("audio", "audio")


def test_tfn_takes_aligned_input_alone():
    with pytest.raises(ValidationError, match="tfn needs aligned input"):
        resolve({"alignment": "unaligned", "preset": "tfn"})
