"""TFN against its equations: embeddings, the three-fold product, the scaled sigmoid."""

import pytest
import torch

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.types import Task
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.models.batches import AUDIO, TEXT, VISION, batch_of

SMALL = {
    "alignment": "aligned",
    "model": {"name": "tfn", "text_width": 5, "audio_width": 2, "vision_width": 3, "width": 4},
}


def model_for(*layers):
    torch.manual_seed(0)
    config = resolve(SMALL, *layers)
    return build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)


def test_the_prediction_follows_the_papers_equations():
    """A loop: z[i, j, k] = z_l[i] z_v[j] z_a[k], two ReLU layers, 6 sigmoid(y) - 3."""
    model, batch = model_for().eval(), batch_of([4, 2], [4, 0], [4, 2])
    output = model(batch)
    text = model.encoder(batch.text_features, batch.text_lengths)
    vision = model.vision_encoder(batch.vision, batch.vision_lengths)
    audio = model.audio_encoder(batch.audio, batch.audio_lengths)
    _, first, _, second, _ = model.inference
    for row in range(2):
        factors = [[*z[row].tolist(), 1.0] for z in (text, vision, audio)]
        cube = torch.tensor([i * j * k for i in factors[0] for j in factors[1] for k in factors[2]])
        hidden = (second.weight @ (first.weight @ cube + first.bias).relu() + second.bias).relu()
        score = model.out[0].weight[0] @ hidden + model.out[0].bias[0]
        expected = 6 / (1 + torch.exp(-score)) - 3
        torch.testing.assert_close(output.predictions[Task.MULTIMODAL][row], expected)
        torch.testing.assert_close(output.features[Task.MULTIMODAL][row], hidden)


def test_predictions_stay_within_the_labels_unless_the_output_is_linear():
    batch = batch_of([4, 2], [4, 2], [4, 2])
    for output, bound in (("sigmoid", 3.0), ("linear", float("inf"))):
        model = model_for({"model": {"output": output}}).eval()
        torch.nn.init.constant_(model.out[0].bias, 50.0)
        prediction = model(batch).predictions[Task.MULTIMODAL]
        assert ((prediction > 2.9) & (prediction <= bound)).all()
    assert (prediction > 3).all()


@pytest.mark.parametrize("bound", [1.0, 2.5, 3.0])
def test_predictions_stay_within_the_labels_of_the_dataset(bound):
    torch.manual_seed(0)
    widths = {"audio_width": AUDIO, "vision_width": VISION, "text_width": TEXT}
    model = build_model(resolve(SMALL), **widths, label_bound=bound).eval()
    for bias, expected in ((50.0, bound), (-50.0, -bound)):
        torch.nn.init.constant_(model.out[0].bias, bias)
        prediction = model(batch_of([4, 2], [4, 2], [4, 2])).predictions[Task.MULTIMODAL]
        assert prediction.tolist() == pytest.approx([expected, expected], abs=1e-3)


@pytest.mark.parametrize(
    ("modalities", "fused"),
    [(["text"], 6), (["text", "audio"], 18), (["audio", "vision"], 12), (["vision"], 4)],
)
def test_a_subset_fuses_its_own_streams_alone(modalities, fused):
    """Widths 5, 2 and 3 with their 1: text 6, text and audio 6 x 3, audio and vision 3 x 4."""
    model = model_for({"model": {"modalities": modalities}})
    assert model.inference[1].in_features == fused


def test_a_forward_pass_never_waits_for_the_device():
    model, batch = model_for(), batch_of([4, 2], [4, 0], [4, 2])
    with NoHostSynchronisation():
        model(batch)
