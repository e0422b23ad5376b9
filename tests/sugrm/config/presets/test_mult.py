"""The presets of MulT against the paper's Table 5, written out."""

import pytest

from sugrm.config import resolve

# Tsai et al. 2019, Table 5: batch, heads, text dropout, block dropout, clip, epochs.
TABLE_5 = {"mult": (128, 10, 0.2, 0.2, 0.8, 100), "mult_mosei": (16, 8, 0.3, 0.1, 1.0, 20)}


@pytest.mark.parametrize("preset", TABLE_5)
def test_mult_has_the_columns_of_its_table(preset):
    config = resolve({"preset": preset})
    model, training = config.model, config.training
    batch, heads, text, block, clip, epochs = TABLE_5[preset]
    assert (model.name, model.width, model.layers, model.heads) == ("mult", 40, 4, heads)
    assert model.kernel_sizes.model_dump() == {"text": 1, "audio": 3, "vision": 3}
    assert (model.text_dropout, model.embedding_dropout) == (text, text)
    assert model.attention_dropout == model.relu_dropout == model.residual_dropout == block
    assert (model.audio_attention_dropout, model.vision_attention_dropout) == (0.0, 0.0)
    assert (model.output_dropout, model.future_mask) == (0.1, True)
    assert (training.batch_size, training.gradient_clip) == (batch, clip)
    assert training.max_epochs == training.patience == epochs
    assert (training.optimiser, training.learning_rate.others) == ("adam", 1e-3)


@pytest.mark.parametrize("preset", TABLE_5)
def test_the_preset_stands_alone_over_any_corpus_preset(preset):
    """Nothing of SUGRM's own settings comes through."""
    alone = resolve({"preset": preset})
    assert resolve({"preset": ["mosei", "released", preset]}).model == alone.model
    assert resolve({"preset": ["mosei", preset]}).training == alone.training
    assert not any(alone.training.weight_decay.model_dump().values())
    assert (alone.objective.loss, alone.training.monitor) == ("l1", "valid/loss")


def test_mults_default_options_are_those_of_mosi():
    assert resolve({"preset": "mult"}).model == resolve({"model": {"name": "mult"}}).model
