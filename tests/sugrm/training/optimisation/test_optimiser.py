import torch
from torch import nn

from sugrm.config import LearningRateConfig, TrainingConfig, WeightDecayConfig, resolve
from sugrm.models import build_model
from sugrm.training.optimisation.optimiser import build_optimiser, parameter_groups


class Parts(nn.Module):
    def __init__(self):
        super().__init__()
        self.text_encoder = nn.ModuleDict({"dense": nn.Linear(2, 2), "LayerNorm": nn.LayerNorm(2)})
        self.audio_encoder = nn.Linear(1, 1)
        self.vision_encoder = nn.Linear(3, 1, bias=False)
        self.encoder = nn.Linear(2, 2)
        self.heads = nn.Linear(2, 2)


CONFIG = TrainingConfig(
    learning_rate=LearningRateConfig(text=1e-5, audio=2e-4, encoder=1e-4, others=1e-3),
    weight_decay=WeightDecayConfig(text=0.1, vision=0.4, encoder=0.2, others=0.3),
)


def described(model, config):
    return [
        (len(group["params"]), group["lr"], group["weight_decay"])
        for group in parameter_groups(model, config)
    ]


def test_each_part_has_its_rate_and_decay():
    """Text: 1 decayed weight; its bias and the norm's two parameters are not decayed.

    Audio has a rate of its own and the encoder's decay, vision the encoder's rate and a decay.
    """
    text = [(1, 1e-5, 0.1), (3, 1e-5, 0.0)]
    streams = [(2, 2e-4, 0.2), (1, 1e-4, 0.4)]
    expected = [*text, *streams, (2, 1e-4, 0.2), (2, 1e-3, 0.3)]
    assert described(Parts(), CONFIG) == expected


def test_the_encoder_takes_the_rate_of_the_others_where_it_has_none():
    config = TrainingConfig(learning_rate=LearningRateConfig(text=1e-5, others=1e-3))
    assert [rate for _, rate, _ in described(Parts(), config)][2:] == [1e-3] * 4


class Nested(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleDict(
            {
                "audio_encoder": nn.Linear(1, 1),
                "vision_encoder": nn.Linear(3, 1, bias=False),
                "norm": nn.LayerNorm(2),
            }
        )


def test_streams_encoders_inside_the_encoder_have_their_own_rates_too():
    streams = [(2, 2e-4, 0.2), (1, 1e-4, 0.4)]
    assert described(Nested(), CONFIG) == [*streams, (2, 1e-4, 0.2)]


def test_self_mms_streams_have_the_rates_and_decays_of_its_authors():
    """Two LSTMs of 4 tensors with a linear layer of 2 each; four heads of 6 tensors."""
    config = resolve({"preset": "self_mm"})
    model = build_model(config, audio_width=5, vision_width=20, text_width=8)
    streams = [(6, 1e-3, 1e-2), (6, 1e-4, 1e-3)]
    assert described(model, config.training) == [*streams, (24, 1e-3, 1e-3)]


def test_an_encoder_in_place_of_self_mms_own_has_the_rate_and_decay_of_the_others():
    layer = {"model": {"encoder": {"name": "spt"}}}
    for preset, decay in (("self_mm", 1e-3), ("self_mm_mosei", 1e-2)):
        config = resolve({"preset": preset}, layer)
        model = build_model(config, audio_width=5, vision_width=20, text_width=8)
        groups = described(model, config.training)
        assert [(rate, weight) for _, rate, weight in groups] == [(1e-3, decay)] * 2


def test_a_frozen_part_has_no_group():
    model = Parts()
    model.text_encoder.requires_grad_(False)
    assert [rate for _, rate, _ in described(model, CONFIG)] == [2e-4, 1e-4, 1e-4, 1e-3]


def test_decay_is_coupled_in_adam_and_decoupled_in_adamw():
    """With a zero gradient AdamW shrinks by exactly rate times decay; Adam moves by its rate."""
    sizes = {}
    for name in ("adam", "adamw"):
        model = Parts()
        nn.init.constant_(model.heads.weight, 1.0)
        optimiser = build_optimiser(model, CONFIG.model_copy(update={"optimiser": name}))
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimiser.step()
        sizes[name] = float(model.heads.weight.detach().mean())
    assert abs(sizes["adamw"] - (1 - 1e-3 * 0.3)) < 1e-6
    assert abs(sizes["adam"] - (1 - 1e-3)) < 1e-6
