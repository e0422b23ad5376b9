"""Fits that train an adapter of the text encoder: what is trained, kept, resumed and read back."""

import shutil

import pytest
import torch

from sugrm import build_model, fit, load_trained
from sugrm.config import SyntheticConfig
from sugrm.data import write_synthetic
from sugrm.errors import EncoderError
from sugrm.training import TrainingRun
from sugrm.training.evaluation import predict
from sugrm.training.feed import build_feed
from sugrm.training.frozen_text import reads_states
from sugrm.training.optimisation.optimiser import parameter_groups
from sugrm.types import Split, Task
from tests.sugrm.tiny_encoders import ENCODERS, write_config, write_encoder

ADAPTER_WEIGHTS = 2 * 2 * (4 * 32 + 32 * 4)  # layers x (query, value) x (A and B of rank 4)
SIZES = {"audio_width": 5, "vision_width": 8}


@pytest.fixture
def adapted(experiment):
    """Return a function from option layers to an experiment with an adapter."""
    lora = {"rank": 4, "dropout": 0.1}
    text = {"model": {"text": {"lora": lora}}, "training": {"learning_rate": {"text": 5e-3}}}
    return lambda *layers: experiment(text, *layers)


def trained(config, corpus, **options):
    run = TrainingRun(config, corpus, seed=5, **options)
    while not run.finished:
        run.run_epoch()
    return run, run.finish()


def predictions(result):
    return result.predictions["test"].predictions[Task.MULTIMODAL].tolist()


@pytest.mark.slow
def test_an_adapter_counts_as_trained_and_its_base_does_not(corpus, adapted, experiment):
    run, result = trained(adapted(), corpus)
    whole, frozen = (
        TrainingRun(experiment({"model": {"text": {"finetune": f}}}), corpus, seed=5)
        for f in (True, False)
    )
    others = sum(weight.numel() for weight in frozen.model.parameters())
    assert result.trainable_parameters == others + ADAPTER_WEIGHTS
    base = sum(weight.numel() for weight in whole.model.text_encoder.parameters())
    assert result.parameters == others + ADAPTER_WEIGHTS + base
    assert run.data.states is None
    assert not reads_states(run.config, corpus)


@pytest.mark.slow
def test_training_changes_the_adapter_alone(corpus, adapted):
    run = TrainingRun(adapted(), corpus, seed=5)
    before = {name: weight.clone() for name, weight in run.model.text_encoder.state_dict().items()}
    run.run_epoch()
    after = run.model.text_encoder.state_dict()
    changed = {name for name, weight in after.items() if not torch.equal(weight, before[name])}
    assert changed == {name for name in after if "lora_" in name}


def test_the_adapter_has_the_rate_and_the_decay_of_the_text_encoder(adapted):
    rates = {"learning_rate": {"text": 0.01}, "weight_decay": {"text": 0.3, "others": 0.1}}
    config = adapted({"training": rates})
    text, *others = parameter_groups(build_model(config, **SIZES), config.training)
    assert (text["lr"], text["weight_decay"]) == (0.01, 0.3)
    assert sum(weight.numel() for weight in text["params"]) == ADAPTER_WEIGHTS
    assert all(group["lr"] != 0.01 for group in others)


@pytest.mark.slow
def test_a_resumed_fit_and_a_fit_in_a_used_process_end_with_the_same_bits(
    corpus, adapted, tmp_path
):
    _, expected = trained(adapted(), corpus)
    broken = TrainingRun(adapted(), corpus, seed=5, checkpoint=tmp_path / "a")
    broken.run_epoch()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    torch.manual_seed(999)
    for options in ({}, {"checkpoint": tmp_path / "b"}):
        _, found = trained(adapted(), corpus, **options)
        assert (found.test, predictions(found)) == (expected.test, predictions(expected))


@pytest.mark.slow
def test_checkpoint_and_model_hold_the_adapter_without_its_base(corpus, adapted, tmp_path):
    run, result = trained(adapted(), corpus, checkpoint=tmp_path / "trial")
    run.save_trained(tmp_path / "trial")
    for name, key in (("last.pt", "model"), ("last.pt", "best_weights"), ("best.pt", "model")):
        kept = torch.load(tmp_path / "trial" / name, weights_only=True)[key]
        text = [weight for name, weight in kept.items() if name.startswith("text_encoder.")]
        assert sum(weight.numel() for weight in text) == ADAPTER_WEIGHTS
    torch.manual_seed(999)
    model = load_trained(tmp_path / "trial").model
    found = predict(
        model, build_feed(run.config, corpus, split=Split.TEST), batch_size=16, precision="float32"
    )
    assert found[Task.MULTIMODAL].tolist() == predictions(result)


def test_another_seed_draws_another_adapter_of_the_same_base(corpus, adapted):
    one, other = (
        TrainingRun(adapted(), corpus, seed=seed).model.text_encoder.state_dict() for seed in (1, 2)
    )
    for name, weight in one.items():
        assert torch.equal(weight, other[name]) == ("lora_A" not in name)


def test_a_gate_inside_the_encoder_is_trained_with_the_adapter(adapted, tmp_path):
    sizes = SyntheticConfig(train=16, valid=8, test=8)
    corpus = write_synthetic(sizes, "aligned", cache=tmp_path)
    training = {"warmup": 0.0, "batch_size": 8, "max_epochs": 1}
    config = adapted({"preset": "mag_bert", "alignment": "aligned", "training": training})
    run = TrainingRun(config, corpus, seed=5)
    before = {name: weight.clone() for name, weight in run.model.state_dict().items()}
    run.run_epoch()
    after = run.model.state_dict()
    changed = {name for name, weight in after.items() if not torch.equal(weight, before[name])}
    assert {name for name in changed if name.startswith("text_encoder.")} == {
        name for name in after if "lora_" in name
    }
    assert any(name.startswith("gate.") for name in changed)


@pytest.mark.slow
@pytest.mark.parametrize("text", [{}, {"finetune": False}, {"lora": {"rank": 2}}], ids=str)
@pytest.mark.parametrize("kind", ENCODERS)
def test_every_architecture_is_trained_frozen_and_adapted(kind, text, corpus, experiment, tmp_path):
    text = {"name": write_encoder(tmp_path, kind), "max_tokens": 30, **text}
    options = {"encoder": {"name": "lstm"}, "text": text}
    result = fit(experiment({"model": options, "training": {"max_epochs": 1}}), corpus, seed=1)
    assert result.valid["mae"] < 3


@pytest.mark.parametrize("finetune", [True, False])
def test_an_encoder_that_cannot_serve_is_refused_before_its_weights_are_read(
    finetune, corpus, experiment, tmp_path
):
    text = {"name": write_config(tmp_path, "t5"), "finetune": finetune}
    with pytest.raises(EncoderError, match=r"is an encoder-decoder \(t5\)"):
        TrainingRun(experiment({"model": {"text": text}}), corpus, seed=1)
