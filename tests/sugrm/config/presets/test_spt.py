"""The presets of SPT against the authors' run script, written out."""

import pytest

from sugrm.config import resolve


@pytest.mark.parametrize("preset", ["spt", "spt_mosei"])
def test_spt_has_the_values_of_its_run_script(preset):
    config = resolve({"preset": preset})
    model, training = config.model, config.training
    encoder = model.encoder
    assert (model.name, model.width, encoder.layers, encoder.heads) == ("spt", 32, 4, 8)
    assert (encoder.stride, encoder.radius, encoder.phase) == (5, (8, 4, 3), "intended")
    dropouts = (
        encoder.attention_dropout,
        encoder.relu_dropout,
        encoder.residual_dropout,
        encoder.embedding_dropout,
        model.output_dropout,
    )
    assert dropouts == (0.2, 0.1, 0.1, 0.3, 0.1)
    assert (training.batch_size, training.gradient_clip) == (250, 1.0)
    assert training.max_epochs == training.patience == 50
    assert (training.optimiser, training.learning_rate.others) == ("adam", 5e-4)


@pytest.mark.parametrize("preset", ["spt", "spt_mosei"])
def test_the_preset_stands_alone_over_any_corpus_preset(preset):
    """Nothing of SUGRM's own settings comes through."""
    alone = resolve({"preset": preset})
    assert resolve({"preset": ["mosei", "released", preset]}).model == alone.model
    assert resolve({"preset": ["mosei", preset]}).training == alone.training
    assert not any(alone.training.weight_decay.model_dump().values())
    assert (alone.objective.loss, alone.training.monitor) == ("l1", "valid/loss")
