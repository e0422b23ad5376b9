import pytest
import torch
from torch import nn

from sugrm.config.sections.text import LoraConfig
from sugrm.errors import EncoderError
from sugrm.modules.injection import changed_states, open_layers
from sugrm.modules.lora import query_and_value_layers
from sugrm.modules.text_encoder import load_text_encoder
from tests.host_synchronisation import NoHostSynchronisation
from tests.parametrise import mostly_slow
from tests.sugrm.tiny_encoders import ENCODERS, write_encoder

IDS, LENGTHS = torch.tensor([[2, 9, 11, 3], [2, 5, 3, 0]]), torch.tensor([4, 3])


def adapted(name="tiny", *, seed=0, trained=True, **options):
    """Return an encoder with an adapter whose B is not 0, as after training."""
    torch.manual_seed(seed)
    encoder = load_text_encoder(name, finetune=True, lora=LoraConfig(**options)).eval()
    for weight_name, weight in encoder.named_parameters():
        if trained and "lora_B" in weight_name:
            nn.init.normal_(weight)
    return encoder


def trainable(encoder):
    return {name: w.shape for name, w in encoder.named_parameters() if w.requires_grad}


def base_weights(encoder):
    return {name: weight for name, weight in encoder.state_dict().items() if "lora_" not in name}


@pytest.mark.slow
def test_before_training_the_encoder_is_the_one_without_an_adapter():
    encoder, plain = adapted(trained=False), load_text_encoder("tiny", finetune=False).eval()
    torch.testing.assert_close(encoder(IDS, None, LENGTHS), plain(IDS, None, LENGTHS))


@pytest.mark.slow
def test_a_layer_adds_the_scaled_product_of_two_small_matrices():
    """W x + alpha / rank * B A x, Hu et al. 2022, Equation 3."""
    encoder = adapted(rank=3, alpha=5, targets=["0.attention.self.query"])
    (layer,) = [part for part in encoder.modules() if hasattr(part, "lora_A")]
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    states = torch.randn(2, encoder.width)
    expected = layer.base_layer(states) + 5 / 3 * (b @ (a @ states.T)).T
    assert a.shape == (3, encoder.width)
    torch.testing.assert_close(layer(states), expected)


def test_only_the_adapter_is_trained_and_gets_gradients():
    encoder = adapted(rank=4)
    shapes = trainable(encoder)
    assert len(shapes) == 2 * 2 * 2  # A and B of query and value in both layers
    assert set(shapes.values()) == {(4, 32), (32, 4)}
    encoder(IDS, None, LENGTHS).sum().backward()
    with_gradient = {name for name, w in encoder.named_parameters() if w.grad is not None}
    assert with_gradient == set(shapes)


def test_the_named_layers_have_adapters_and_no_others():
    names = trainable(adapted(targets=["key", "output.dense"]))
    assert {name.split(".lora_")[0].rpartition("layer.")[2] for name in names} == {
        f"{layer}.{part}"
        for layer in (0, 1)
        for part in ("attention.self.key", "attention.output.dense", "output.dense")
    }


def test_the_seed_decides_the_adapter_and_not_the_base():
    one, same, other = adapted(seed=1), adapted(seed=1), adapted(seed=2)
    assert all(torch.equal(w, same.state_dict()[name]) for name, w in one.state_dict().items())
    base = base_weights(other)
    assert all(torch.equal(weight, base[name]) for name, weight in base_weights(one).items())
    assert not torch.equal(one(IDS, None, LENGTHS), other(IDS, None, LENGTHS))


def test_the_dropout_of_the_adapter_acts_in_training_alone():
    encoder = adapted(dropout=0.5)
    still = encoder(IDS, None, LENGTHS)
    assert torch.equal(encoder(IDS, None, LENGTHS), still)
    layers = [part for part in encoder.train().modules() if hasattr(part, "lora_dropout")]
    assert {layer.lora_dropout["default"].p for layer in layers} == {0.5}
    assert not torch.allclose(encoder(IDS, None, LENGTHS), still)


def test_the_merged_encoder_is_a_plain_model_with_the_same_states():
    encoder = adapted()
    before = encoder(IDS, None, LENGTHS)
    plain = encoder.merged()
    assert type(plain).__name__ == "BertModel"
    assert not any("lora" in name for name in plain.state_dict())
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    merged = plain(IDS, attention_mask=mask).last_hidden_state
    torch.testing.assert_close(merged[0], before[0], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(merged[1, :3], before[1, :3], rtol=1e-4, atol=1e-5)
    assert torch.equal(encoder(IDS, None, LENGTHS), before)  # this encoder stays


@pytest.mark.slow
def test_merging_an_encoder_without_an_adapter_copies_it():
    encoder = load_text_encoder("tiny", finetune=True)
    plain = encoder.merged()
    assert plain is not encoder.model
    assert plain.state_dict().keys() == encoder.model.state_dict().keys()


def test_peft_reads_a_saved_adapter(tmp_path):
    from peft import PeftModel
    from transformers import AutoModel

    name = write_encoder(tmp_path / "base", "distilbert")
    encoder = adapted(name, rank=2, alpha=7)
    encoder.save_adapter(tmp_path / "new" / "adapter")
    files = {path.name for path in (tmp_path / "new" / "adapter").iterdir()}
    assert files == {"adapter_config.json", "adapter_model.safetensors"}
    with pytest.warns(FutureWarning, match="gradient_checkpointing"):  # peft's own
        read = PeftModel.from_pretrained(AutoModel.from_pretrained(name), files_of(tmp_path))
    assert read.peft_config["default"].base_model_name_or_path == name
    states = read.eval()(IDS, attention_mask=(IDS > 0).long()).last_hidden_state
    torch.testing.assert_close(states[0], encoder(IDS, None, LENGTHS)[0])


def files_of(folder):
    return str(folder / "new" / "adapter")


def test_an_encoder_without_an_adapter_has_none_to_save(tmp_path):
    with pytest.raises(EncoderError, match=r"no adapter to save.* merged\(\)\.save_pretrained"):
        load_text_encoder("tiny", finetune=True).save_adapter(tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


@pytest.mark.slow
@pytest.mark.parametrize("kind", mostly_slow(ENCODERS, quick=["modernbert", "mpnet"]))
def test_queries_and_values_are_found_in_each_architecture(kind, tmp_path):
    encoder = adapted(write_encoder(tmp_path, kind), rank=2)
    changed = {name.split(".lora_")[0].rpartition(".")[2] for name in trainable(encoder)}
    assert changed == set(
        {
            "mpnet": ("q", "v"),
            "deberta-v2": ("query_proj", "value_proj"),
            "distilbert": ("q_lin", "v_lin"),
            "modernbert": ("Wqkv",),
        }.get(kind, ("query", "value"))
    )
    plain = load_text_encoder(str(tmp_path), finetune=False).eval()
    assert not torch.allclose(encoder(IDS, None, LENGTHS), plain(IDS, None, LENGTHS))


def test_other_names_are_not_guessed():
    assert query_and_value_layers(["mixer.up", "mixer.queries", "mixer.value"]) == ()


def test_states_can_be_changed_inside_an_encoder_with_an_adapter():
    encoder = adapted()
    plain = encoder(IDS, None, LENGTHS)
    open_layers(encoder, 1)
    with changed_states(1, lambda states: states):
        assert torch.equal(encoder(IDS, None, LENGTHS), plain)
    with changed_states(1, lambda states: -states):
        assert not torch.allclose(encoder(IDS, None, LENGTHS), plain)


def test_a_training_pass_never_waits_for_the_device_also_in_low_precision():
    encoder = adapted(dropout=0.1).train()
    with NoHostSynchronisation(), torch.autocast("cpu", torch.bfloat16):
        encoder(IDS, None, LENGTHS).float().sum().backward()
