import re
from pathlib import Path

import numpy as np
import pytest
import torch

from sugrm.released import model_from_state_dict, unpack
from sugrm.types import Batch, Modality, Task
from tests.sugrm.released_shapes import released_shapes

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
FORWARD, GRADIENT = 1e-5, 1e-4
FEATURE = {Task.MULTIMODAL: "f", Task.TEXT: "t", Task.AUDIO: "a", Task.VISION: "v"}


def golden(alignment):
    path = GOLDEN / f"sugrm-mosi-{alignment}.npz"
    if not path.exists():
        pytest.skip(f"reference numbers {path.name} are not on this machine")
    return np.load(path)


def checkpoint(numbers):
    prefix = "state_dict/"
    names = [name for name in numbers.files if name.startswith(prefix)]
    return {name.removeprefix(prefix): torch.from_numpy(numbers[name]) for name in names}


def batch_of(numbers):
    given = {
        name: torch.from_numpy(numbers[f"inputs/{name}"])
        for name in ("audio", "vision", "audio_lengths", "vision_lengths", "text_lengths")
    }
    return Batch(text_features=torch.from_numpy(numbers["inputs/text_hidden"]), **given)


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_forward_matches_the_released_code(alignment):
    numbers = golden(alignment)
    output = model_from_state_dict(checkpoint(numbers), heads=8)(batch_of(numbers))
    for task in Task:
        expected = numbers[f"outputs/{task}"][:, 0]
        np.testing.assert_allclose(
            output.predictions[task].detach().numpy(), expected, rtol=0, atol=FORWARD
        )
        expected = numbers[f"outputs/Feature_{FEATURE[task]}"]
        np.testing.assert_allclose(
            output.features[task].detach().numpy(), expected, rtol=0, atol=FORWARD
        )


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_the_parts_match_the_released_code(alignment):
    numbers = golden(alignment)
    model = model_from_state_dict(checkpoint(numbers), heads=8)
    batch = batch_of(numbers)
    streams = {
        Modality.TEXT: batch.text_features,
        Modality.AUDIO: batch.audio,
        Modality.VISION: batch.vision,
    }
    full = {m: torch.full((len(s),), s.shape[1]) for m, s in streams.items()}
    recalibrated = model.recalibration(streams, full)
    for m, name in zip(streams, ("text", "audio", "video"), strict=True):
        expected = numbers[f"mrm/{name}"]
        np.testing.assert_allclose(recalibrated[m].detach(), expected, rtol=0, atol=FORWARD)
    hidden, _ = model.encoder.hidden_sequences(recalibrated, full)
    for m in streams:
        expected = numbers[f"spt/h_{m[0]}"].swapaxes(0, 1)
        np.testing.assert_allclose(hidden[m].detach(), expected, rtol=0, atol=FORWARD)


@pytest.mark.slow
def test_gradients_match_the_released_code():
    numbers = golden("aligned")
    model = model_from_state_dict(checkpoint(numbers), heads=8)
    batch = batch_of(numbers)
    batch.text_features.requires_grad_()
    sum((p**2).sum() for p in model(batch).predictions.values()).backward()
    np.testing.assert_allclose(
        batch.text_features.grad, numbers["grad_text_hidden"], rtol=0, atol=GRADIENT
    )
    # The gradients of a checkpoint are shaped as its weights, so they load as one.
    unused = set(numbers["no_grad_params"])
    gradients = {
        name: torch.from_numpy(numbers[f"grads/{name}"])
        if f"grads/{name}" in numbers.files
        else torch.zeros_like(weight)
        for name, weight in checkpoint(numbers).items()
    }
    assert {n for n in gradients if f"grads/{n}" not in numbers.files} >= unused
    expected = dict(model_from_state_dict(gradients, heads=8).named_parameters())
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(
            parameter.grad, expected[name].detach(), rtol=0, atol=GRADIENT, err_msg=name
        )


def test_a_packed_projection_falls_apart_into_three():
    """Width 2, keys 3 wide.

    The rows after the query's, read in order, are a 3 x 4 matrix whose columns are the two key
    and the two value units.
    """
    packed = torch.arange(16.0).view(8, 2)
    parts = {name: weight for name, weight, _ in unpack(packed, torch.arange(6.0), width=2)}
    assert parts["query"].tolist() == [[0, 1], [2, 3]]
    assert parts["key"].tolist() == [[4, 8, 12], [5, 9, 13]]
    assert parts["value"].tolist() == [[6, 10, 14], [7, 11, 15]]


def test_a_foreign_checkpoint_is_refused_by_name():
    message = re.escape("not a released SUGRM checkpoint: it has no 'se_model.wl.bias'")
    with pytest.raises(ValueError, match=message):
        model_from_state_dict({"Model.layer.weight": torch.zeros(1)}, heads=8)


HEADS, WIDTH = 8, 32
SMALL = {Modality.TEXT: 64, Modality.AUDIO: 5, Modality.VISION: 20}


def small_checkpoint():
    """Return random weights under the released names, with shapes from the golden notes."""
    torch.manual_seed(0)
    shapes = released_shapes(SMALL, WIDTH)
    return {f"Model.{name}": 0.1 * torch.randn(shape) for name, shape in shapes.items()}


def bert_of(width):
    from transformers import BertConfig, BertModel

    sizes = {"vocab_size": 30, "intermediate_size": 48, "max_position_embeddings": 12}
    config = BertConfig(
        hidden_size=width, num_hidden_layers=2, num_attention_heads=width // 64, **sizes
    )
    return BertModel(config).eval()


@pytest.mark.slow
def test_a_checkpoint_with_its_text_encoder_takes_token_ids():
    """The pooler and the saved position numbers of old versions are read over."""
    state, bert = small_checkpoint(), bert_of(64)
    prefix = "Model.text_model.model."
    state |= {prefix + name: weight for name, weight in bert.state_dict().items()}
    state[f"{prefix}embeddings.position_ids"] = torch.arange(12)[None]
    ids = torch.randint(0, 30, (2, 7))
    streams = {"audio": torch.randn(2, 9, 5), "vision": torch.randn(2, 11, 20)}
    model = model_from_state_dict(state, heads=HEADS)
    found = model(Batch(token_ids=ids, text_lengths=torch.tensor([7, 4]), **streams))
    mask = torch.arange(7) < torch.tensor([[7], [4]])
    hidden = bert(ids, attention_mask=mask.long()).last_hidden_state
    without = model_from_state_dict(small_checkpoint(), heads=HEADS)
    expected = without(Batch(text_features=hidden, **streams))
    for task in Task:
        torch.testing.assert_close(found.predictions[task], expected.predictions[task])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("Model.proj1_f.weight"), "it has no 'proj1_f.weight'"),
        (lambda s: s.update({"Model.extra": torch.zeros(1)}), r"it also has 'extra' \(1 such"),
        (
            lambda s: s.update({"Model.proj2_f.weight": torch.zeros(31, 32)}),
            r"heads\.M\.project\.weight needs shape \[32, 32\], got shape \[31, 32\]",
        ),
    ],
)
def test_a_weight_that_is_missing_unknown_or_misshapen_is_named(change, message):
    state = small_checkpoint()
    change(state)
    with pytest.raises(ValueError, match=message):
        model_from_state_dict(state, heads=HEADS)
