import re
import subprocess
import sys

import pytest
import torch

from sugrm.errors import EncoderError
from sugrm.modules.encoder_outline import encoder_outline
from sugrm.modules.text_encoder import load_text_encoder
from tests.parametrise import mostly_slow
from tests.sugrm.tiny_encoders import ENCODERS, POSITIONS, write_config, write_encoder

WATCHED = """
import sys
import torch

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "transformers.modeling_utils":
            print(torch.empty(0).device)

sys.meta_path.insert(0, Watch())
from sugrm.modules.encoder_outline import encoder_outline
encoder_outline("tiny")
"""


def last_token(encoder, count):
    ids = torch.full((1, count), 5)
    return encoder(ids, None, torch.tensor([count]))


@pytest.mark.slow
@pytest.mark.parametrize("kind", mostly_slow(ENCODERS, quick=["roberta", "deberta-v2"]))
def test_an_encoder_reads_as_many_tokens_as_its_outline_says_and_no_more(kind, tmp_path):
    name = write_encoder(tmp_path, kind)
    encoder = load_text_encoder(name, finetune=False)
    limit = encoder_outline(name).positions
    assert limit == (None if kind == "deberta-v2" else POSITIONS)
    last_token(encoder, limit or 3 * POSITIONS)
    if limit is not None and kind != "modernbert":  # rotary positions have no table to leave
        with pytest.raises((IndexError, RuntimeError)):
            last_token(encoder, limit + 1)


@pytest.mark.parametrize("kind", mostly_slow(ENCODERS, quick=["roberta", "deberta-v2"]))
def test_layers_and_weights_are_those_of_the_encoder_that_is_loaded(kind, tmp_path):
    name = write_encoder(tmp_path, kind)
    encoder, outline = load_text_encoder(name, finetune=False), encoder_outline(name)
    assert outline.parameters == sum(weight.numel() for weight in encoder.parameters())
    linear = [n for n, part in encoder.model.named_modules() if isinstance(part, torch.nn.Linear)]
    assert list(outline.linear_layers) == linear


def test_the_builtin_encoder_has_an_outline_too():
    outline = encoder_outline("tiny")
    assert (outline.kind, outline.positions) == ("bert", 512)
    weights = load_text_encoder("tiny", finetune=True).parameters()
    assert outline.parameters == sum(weight.numel() for weight in weights)


@pytest.mark.slow
def test_transformers_is_not_imported_on_the_meta_device():
    """Its version 5.0 reads the values of tensors while it is imported, and there are none."""
    command = [sys.executable, "-c", WATCHED]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "cpu\n"


def test_an_outline_draws_nothing_from_the_seed(tmp_path):
    name = write_config(tmp_path, "bert")
    before = torch.get_rng_state()
    encoder_outline(name)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("t5", r"^is an encoder-decoder \(t5\): .* its decoder"),
        ("mt5", r"^is an encoder-decoder \(mt5\)"),
        ("bart", r"^is an encoder-decoder \(bart\)"),
        ("gpt2", r"^is a decoder \(gpt2\): .* only the tokens before it"),
        ("dpr", r"^\(dpr\) gives no hidden state for each token"),
        ("vit", r"^\(vit\) gives no hidden state for each token"),
    ],
)
def test_an_architecture_that_cannot_serve_has_a_reason(kind, reason, tmp_path):
    assert re.search(reason, encoder_outline(write_config(tmp_path, kind)).refusal)


def test_an_encoder_that_was_made_a_decoder_cannot_serve(tmp_path):
    outline = encoder_outline(write_config(tmp_path, "bert", is_decoder=True))
    assert outline.refusal.startswith("is a decoder (bert)")


def test_no_weights_are_needed_and_changed_files_are_read_again(tmp_path):
    name = write_config(tmp_path, "roberta")
    assert encoder_outline(name).positions == POSITIONS
    write_config(tmp_path, "roberta", max_position_embeddings=1002)
    assert encoder_outline(name).positions == 1000


def test_a_configuration_that_cannot_be_built_is_an_encoder_error(tmp_path):
    name = write_config(tmp_path, "bert", num_attention_heads=3)
    with pytest.raises(EncoderError, match="could not be loaded"):
        encoder_outline(name)
