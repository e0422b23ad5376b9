from dataclasses import replace

import pytest
import torch

from sugrm.config import resolve
from sugrm.models import build_model
from sugrm.objectives import build_objective
from sugrm.training.optimisation.optimiser import parameter_groups
from sugrm.types import Batch, Task
from tests.host_synchronisation import NoHostSynchronisation

AUDIO, VISION, TEXT = 3, 4, 6


def config_for(alignment="aligned", **options):
    small = {"name": "mctn", "width": 8, "head_width": 5}
    return resolve({"alignment": alignment, "preset": ["mctn"]}, {"model": {**small, **options}})


def model_for(*args, **options):
    torch.manual_seed(0)
    config = config_for(*args, **options)
    return build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=TEXT)


def batch_of(text=(4, 2, 3)):
    torch.manual_seed(1)
    lengths = torch.tensor([4, 2, 3])
    return Batch(
        text_features=torch.randn(3, 4, TEXT),
        audio=torch.randn(3, 4, AUDIO),
        vision=torch.randn(3, 4, VISION),
        text_lengths=torch.tensor(text),
        audio_lengths=lengths,
        vision_lengths=lengths,
        labels=torch.tensor([-1.0, 0.0, 2.0]),
        index=torch.arange(3),
    )


def without_targets(batch):
    nothing = torch.full((3, 1, 1), float("nan"))
    none = torch.zeros(3, dtype=torch.long)
    return replace(batch, audio=nothing, vision=nothing, audio_lengths=none, vision_lengths=none)


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_a_prediction_reads_the_text_alone(alignment):
    """One modality at test time: targets that are absent, or no numbers at all, change nothing."""
    model, batch = model_for(alignment).eval(), batch_of()
    with_targets = model(batch)
    alone = model(without_targets(batch))
    assert with_targets.translations == with_targets.alignments == ()
    assert torch.equal(
        with_targets.predictions[Task.MULTIMODAL], alone.predictions[Task.MULTIMODAL]
    )


@pytest.mark.parametrize("targets", [["vision"], ["vision", "audio"], ["audio", "vision"]])
def test_the_prediction_is_the_same_in_training_and_evaluation(targets):
    model, batch = model_for(modalities=["text", *targets]), batch_of()
    training, evaluation = model(batch), model.eval()(batch)
    torch.testing.assert_close(
        training.predictions[Task.MULTIMODAL], evaluation.predictions[Task.MULTIMODAL]
    )
    assert len(training.translations) == 1 + len(targets)


def test_the_sentiment_is_read_by_attention_over_the_last_level():
    model, batch = model_for().eval(), batch_of()
    found = model(batch).features[Task.MULTIMODAL]
    reader = model.encoder.reader
    for row, length in enumerate([4, 2, 3]):
        words, own = batch.text_features[row : row + 1, :length], torch.tensor([length])
        joint = model.encoder.translation(words, own)[-1]
        states = reader.lstm(joint)[0][0]
        weights = reader.score(states).tanh().squeeze(-1).softmax(0)
        expected = sum(weight * state for weight, state in zip(weights, states, strict=True))
        torch.testing.assert_close(found[row], expected)


def test_without_a_token_the_joint_representation_is_0():
    output = model_for().eval()(batch_of(text=(0, 2, 3)))
    assert not output.features[Task.MULTIMODAL][0].any()


def test_the_loss_adds_every_translation_by_its_weight():
    """The preset's 0.1 (forward + backward + second level) and the sentiment's L1."""
    model, batch, config = model_for(), batch_of(), config_for()
    objective = build_objective(config.objective, batch_size=3)
    objective.reset(batch.labels, torch.arange(3), device="cpu")
    output = model(batch)
    sentiment = (output.predictions[Task.MULTIMODAL] - batch.labels).abs().mean()
    errors = 0.0
    for translation in output.translations:
        pairs = [
            (translation.translated[row, :length] - translation.target[row, :length]).square()
            for row, length in enumerate(translation.lengths.tolist())
        ]
        errors = errors + torch.cat(pairs).mean()
    torch.testing.assert_close(objective.loss(output, batch), sentiment + 0.1 * errors)


def test_the_translations_teach_the_encoder_of_the_text():
    model, batch = model_for(), batch_of()
    output = model(batch)
    for translation in output.translations:
        (gradient,) = torch.autograd.grad(
            translation.translated.sum(),
            model.encoder.translation.encoders[0].onward.weight_ih_l0,
            retain_graph=True,
        )
        assert gradient.any(), translation.name


def test_the_authors_weight_decay_is_on_the_output_layer_alone():
    model = model_for("unaligned")
    groups = parameter_groups(model, config_for("unaligned").training)
    decayed = [p for group in groups if group["weight_decay"] for p in group["params"]]
    assert {id(p) for p in decayed} == {id(p) for p in model.out.parameters()}


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
def test_a_forward_pass_never_waits_for_the_device(alignment):
    model, batch = model_for(alignment), batch_of()
    with NoHostSynchronisation():
        model(batch)
        model.eval()(batch)


def test_half_precision_does_not_reach_the_recurrences():
    model, batch = model_for(), batch_of()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = model(batch)
    assert output.translations[0].translated.dtype == torch.float32
