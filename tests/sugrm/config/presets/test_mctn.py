"""The preset against the hierarchical configuration of the authors' released code."""

from sugrm.config import resolve


def test_the_hierarchical_configuration_of_the_released_code():
    config = resolve({"preset": ["mctn"]})
    model, training = config.model, config.training
    assert (model.name, model.modalities) == ("mctn", ("text", "vision", "audio"))
    assert (model.width, model.head_width) == (32, 32)
    assert config.objective.loss == "l1"
    weights = config.objective.translation_weights
    assert (weights.forward, weights.backward, weights.second_level) == (0.1, 0.1, 0.1)
    assert (training.batch_size, training.optimiser) == (32, "adam")
    assert training.learning_rate.others == 1e-4
    assert (training.weight_decay.encoder, training.weight_decay.others) == (0.0, 0.02)
    assert (training.max_epochs, training.patience) == (200, 20)
    assert training.monitor == "valid/loss"


def test_the_targets_keep_their_order():
    targets = {"model": {"modalities": ["text", "audio", "vision"]}}
    model = resolve({"preset": ["mctn"]}, targets).model
    assert model.modalities == ("text", "audio", "vision")
