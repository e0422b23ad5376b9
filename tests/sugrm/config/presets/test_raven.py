"""The preset against the constants of the authors' released code, written out."""

from sugrm.config import resolve


def test_the_constants_of_the_released_code():
    config = resolve({"preset": ["raven"]})
    model, training = config.model, config.training
    assert model.name == "raven"
    assert (model.frame_width, model.nonverbal_width, model.width) == (150, 150, 300)
    assert (model.depth, model.shift_bound, model.dropout) == (1, 0.2, 0.2)
    assert model.nonverbal_span == "word"
    assert config.objective.loss == "l2"
    assert (training.batch_size, training.optimiser) == (20, "adam")
    assert training.learning_rate.others == 1e-3
    assert (training.max_epochs, training.monitor) == (500, "valid/mae")
