import copy
import threading

import pytest
import torch

from sugrm.errors import EncoderError
from sugrm.modules.injection import changed_states, open_layers
from sugrm.modules.text_encoder import TextEncoder
from sugrm.modules.tiny_bert import tiny_model

IDS = torch.tensor([[2, 9, 11, 3], [2, 5, 3, 0]])
LENGTHS = torch.tensor([4, 3])
LAYERS = 3


def family():
    from transformers import (
        AlbertConfig,
        BertConfig,
        DebertaV2Config,
        DistilBertConfig,
        ElectraConfig,
        MPNetConfig,
        RobertaConfig,
    )

    sizes = {"hidden_size": 16, "num_hidden_layers": LAYERS, "num_attention_heads": 2}
    common = {"vocab_size": 40, "intermediate_size": 16, "max_position_embeddings": 20, **sizes}
    distil = {"vocab_size": 40, "dim": 16, "n_layers": LAYERS, "n_heads": 2, "hidden_dim": 16}
    return {
        "bert": BertConfig(**common),
        "roberta": RobertaConfig(**common),
        "mpnet": MPNetConfig(**common),
        "electra": ElectraConfig(embedding_size=8, **common),
        "albert": AlbertConfig(embedding_size=8, **common),
        "albert, two groups": AlbertConfig(embedding_size=8, num_hidden_groups=2, **common),
        "deberta": DebertaV2Config(**common),
        "deberta, relative": DebertaV2Config(
            relative_attention=True, pos_att_type=["p2c", "c2p"], **common
        ),
        "distilbert": DistilBertConfig(**distil),
    }


def encoder_of(kind, *, finetune=True):
    from transformers import AutoModel

    torch.manual_seed(0)
    model = AutoModel.from_config(family()[kind])
    model.pooler = None
    return TextEncoder(model, finetune=finetune).eval()


def tiny():
    torch.manual_seed(0)
    return TextEncoder(tiny_model(), finetune=True).eval()


def states_of(encoder, layer=0, change=lambda states: states):
    with changed_states(layer, change):
        return encoder.states(IDS, None, lengths=LENGTHS)


def layer_states(encoder, layer, change):
    """Return what transformers itself reports as the states after each layer, changed by us."""
    mask = (torch.arange(IDS.shape[1]) < LENGTHS[:, None]).long()
    with changed_states(layer, change):
        return encoder.model(IDS, attention_mask=mask, output_hidden_states=True).hidden_states


@pytest.mark.slow
@pytest.mark.parametrize("layer", range(LAYERS))
@pytest.mark.parametrize("kind", family())
def test_a_change_reaches_the_later_layers_and_no_earlier_one(kind, layer):
    encoder = encoder_of(kind)
    plain = encoder(IDS, None, LENGTHS)
    names = list(encoder.state_dict())
    open_layers(encoder, layer)
    assert torch.equal(encoder(IDS, None, LENGTHS), plain)
    assert torch.equal(states_of(encoder, layer), plain)
    assert list(encoder.state_dict()) == names
    changed = states_of(encoder, layer, lambda states: states + torch.linspace(-2, 2, 16))
    assert not torch.allclose(changed, plain, atol=1e-3)
    before, after = (
        layer_states(encoder, layer, lambda states, by=by: states + by * torch.linspace(-2, 2, 16))
        for by in (0, 1)
    )
    for number in range(layer):
        assert torch.equal(before[number], after[number])
    for number in range(layer + 1, LAYERS + 1):
        assert not torch.allclose(before[number], after[number], atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("layer", range(LAYERS))
@pytest.mark.parametrize("kind", family())
def test_what_is_changed_are_the_states_that_transformers_reports(kind, layer):
    encoder = encoder_of(kind)
    open_layers(encoder, layer)
    seen = []
    reported = layer_states(encoder, layer, lambda states: seen.append(states) or states)
    torch.testing.assert_close(seen, [reported[layer]])


def test_an_encoder_whose_later_layers_read_more_is_refused():
    """The convolution beside the first layer of large DeBERTa models reads the embeddings."""
    from transformers import AutoModel, DebertaV2Config

    config = DebertaV2Config(
        vocab_size=40,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=20,
        conv_kernel_size=3,
    )
    encoder = TextEncoder(AutoModel.from_config(config), finetune=True)
    with pytest.raises(
        EncoderError, match=r"DebertaV2Model cannot .* reads more than the states before layer 0"
    ):
        open_layers(encoder, 0)
    open_layers(encoder, 1)


def test_an_encoder_without_a_list_of_layers_is_refused():
    model = tiny_model()
    model.encoder.layer = torch.nn.Sequential(*model.encoder.layer)
    with pytest.raises(EncoderError, match=r"BertModel cannot .* do not take"):
        open_layers(TextEncoder(model, finetune=True), 0)


def test_a_layer_that_the_encoder_lacks_is_named():
    with pytest.raises(EncoderError, match=r"model\.layer is 2, .* has 2 layers; expected 0 .* 1$"):
        open_layers(tiny(), 2)


def test_opening_draws_nothing_and_leaves_the_modes_of_all_parts():
    encoder = TextEncoder(tiny_model().eval(), finetune=True)
    modes = [part.training for part in encoder.modules()]
    before = torch.get_rng_state()
    open_layers(encoder, 0)
    assert torch.equal(torch.get_rng_state(), before)
    assert [part.training for part in encoder.modules()] == modes


def test_threads_do_not_see_the_changes_of_one_another():
    encoder, barrier, found = tiny(), threading.Barrier(2), {}
    open_layers(encoder, 1)

    def run(amount):
        def change(states):
            barrier.wait()  # both are within the same encoder now
            return states * amount

        found[amount] = states_of(encoder, 1, change)

    threads = [threading.Thread(target=run, args=(amount,)) for amount in (0.5, 4.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for amount in (0.5, 4.0):
        expected = states_of(encoder, 1, lambda states, by=amount: states * by)
        assert torch.equal(found[amount], expected)


def test_a_copy_of_an_open_encoder_is_open():
    encoder = tiny()
    open_layers(encoder, 0)
    other = copy.deepcopy(encoder)
    expected = states_of(encoder, 0, lambda states: -states)
    assert torch.equal(states_of(other, 0, lambda states: -states), expected)


def test_an_error_within_a_change_ends_the_change():
    encoder = tiny()
    open_layers(encoder, 0)
    plain = encoder(IDS, None, LENGTHS)
    with pytest.raises(ZeroDivisionError):
        states_of(encoder, 0, lambda states: states / (1 // 0))
    assert torch.equal(encoder(IDS, None, LENGTHS), plain)


def test_a_frozen_encoder_passes_the_gradient_to_the_change():
    encoder = TextEncoder(tiny_model(), finetune=False).train()
    open_layers(encoder, 1)
    factor = torch.ones(encoder.width, requires_grad=True)
    states_of(encoder, 1, lambda states: states * factor)[:, 0].square().sum().backward()
    assert factor.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in encoder.parameters())
