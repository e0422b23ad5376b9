"""The precision of a device, and training with a gradient scaler.

Which context is asked for; whether a real GPU trains in it, ``-m gpu`` tests. The scaler is
PyTorch's own, on the CPU: only the refusal of float16 there is taken away.
"""

import math

import numpy as np
import pytest
import torch

from sugrm.errors import NonFiniteLossError, SugrmError
from sugrm.training.optimisation.precision import autocast, choose_precision
from sugrm.training.run import TrainingRun
from tests.host_synchronisation import NoHostSynchronisation
from tests.sugrm.training.test_run import same

BF16, FP16 = torch.bfloat16, torch.float16


def gpu_with(*, has_bfloat16):
    """Return what a GPU answers: every one emulates bfloat16 where its hardware lacks it."""
    return lambda including_emulation=True: including_emulation or has_bfloat16


@pytest.mark.parametrize(
    ("device", "name", "has_bfloat16", "chosen"),
    [
        ("cuda", "auto", True, "bfloat16"),
        ("cuda", "auto", False, "float32"),
        ("cuda", "float32", True, "float32"),
        ("cuda", "bfloat16", False, "bfloat16"),
        ("cuda", "float16", True, "float16"),
        ("cpu", "auto", True, "float32"),
        ("cpu", "bfloat16", True, "bfloat16"),
    ],
)
def test_auto_is_bfloat16_on_a_gpu_whose_hardware_has_it(
    monkeypatch, device, name, has_bfloat16, chosen
):
    """A T4 (the second case) emulates bfloat16."""
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", gpu_with(has_bfloat16=has_bfloat16))
    assert choose_precision(name, torch.device(device)) == chosen


@pytest.mark.parametrize(
    ("device", "precision", "lowered"),
    [
        ("cuda", "auto", BF16),
        ("cuda", "float32", None),
        ("cuda", "float16", FP16),
        ("cpu", "auto", None),
        ("cpu", "bfloat16", BF16),
        ("cpu", "float16", None),
    ],
)
def test_layers_compute_in_the_precision(monkeypatch, device, precision, lowered):
    asked = []
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", gpu_with(has_bfloat16=True))
    monkeypatch.setattr(torch, "autocast", lambda *where, **how: asked.append((where, how)))
    autocast(torch.device(device), precision)
    assert asked == [((device,), {"dtype": lowered or BF16, "enabled": lowered is not None})]


def test_float16_on_a_cpu_is_refused(corpus, experiment):
    config = experiment({"training": {"precision": "float16", "device": "cpu"}})
    with pytest.raises(SugrmError, match="float16, which needs a GPU, and this trial runs on the"):
        TrainingRun(config, corpus, seed=1)


@pytest.fixture
def scaled(monkeypatch, corpus, experiment):
    """Return a function that starts a fit with a gradient scaler."""
    monkeypatch.setattr("sugrm.training.run.choose_precision", lambda name, device: name)

    def start(checkpoint=None, **training):
        options = {"precision": "float16", "batch_size": 8, **training}
        return TrainingRun(experiment({"training": options}), corpus, seed=1, checkpoint=checkpoint)

    return start


def overflow(run, *, scale=1e38):
    """Set the scale so high that the first gradients overflow."""
    run.trainer.scaler.load_state_dict({**run.trainer.scaler.state_dict(), "scale": scale})


@pytest.mark.slow
@pytest.mark.parametrize("clip", [None, 0.05])
def test_the_scale_changes_no_step(scaled, experiment, corpus, clip):
    """A scale is a power of two, so gradients come back to the bit, and are clipped after that."""
    plain = TrainingRun(
        experiment({"training": {"batch_size": 8, "gradient_clip": clip}}), corpus, seed=1
    )
    run = scaled(gradient_clip=clip)
    assert run.trainer.scaler.get_scale() == 65536
    assert run.run_epoch().train_loss == pytest.approx(plain.run_epoch().train_loss, rel=1e-5)
    for mine, theirs in zip(run.model.parameters(), plain.model.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_a_step_left_out_is_no_divergence_and_lowers_the_scale(scaled):
    run = scaled()
    overflow(run)
    before = [parameter.clone() for parameter in run.model.parameters()]
    record = run.run_epoch()
    assert math.isfinite(record.train_loss)
    assert run.trainer.scaler.get_scale() < 1e38
    assert all(torch.isfinite(parameter).all() for parameter in run.model.parameters())
    assert any(
        not torch.equal(old, new) for old, new in zip(before, run.model.parameters(), strict=True)
    )  # fewer steps than batches were left out


@pytest.mark.slow
def test_gradients_that_overflow_at_every_scale_are_a_divergence(scaled):
    run = scaled()
    overflow(run, scale=2.0**-8)
    for parameter in run.model.parameters():
        if parameter.requires_grad:
            parameter.register_hook(lambda gradient: gradient * math.inf)
    with pytest.raises(NonFiniteLossError, match="overflow float16 at every scale"):
        run.run_epoch()


@pytest.mark.slow
def test_a_resumed_fit_keeps_its_scale_and_equals_an_unbroken_one(scaled, tmp_path):
    """The scale has halved in the first epoch: a fresh one would differ."""
    whole, begun = scaled(), scaled(tmp_path)
    for run in (whole, begun):
        overflow(run)
        run.run_epoch()
    resumed = scaled(tmp_path)
    assert resumed.trainer.scaler.state_dict() == whole.trainer.scaler.state_dict()
    assert resumed.trainer.scaler.get_scale() not in (65536, 1e38)
    for run in (whole, resumed):
        run.run_epoch()
    same(whole, resumed)


@pytest.mark.slow
def test_a_checkpoint_from_before_the_scaler_is_resumed(corpus, experiment, tmp_path):
    TrainingRun(experiment(), corpus, seed=1, checkpoint=tmp_path).run_epoch()
    saved = torch.load(tmp_path / "last.pt", weights_only=True)
    assert saved.pop("scaler") == {}
    torch.save(saved, tmp_path / "last.pt")
    assert len(TrainingRun(experiment(), corpus, seed=1, checkpoint=tmp_path).history) == 1


@pytest.mark.slow
def test_a_step_with_a_scaler_never_waits_for_the_device(scaled):
    run = scaled(gradient_clip=1.0)
    run.run_epoch()
    run.model.train()
    batch = next(iter(run.data.feeds.values())).batch(range(8))
    with NoHostSynchronisation():
        run.trainer.clear_gradients()
        run.trainer.train_batch(batch, epoch=3)
        run.trainer.step()


@pytest.mark.slow
def test_a_result_says_in_which_precision_it_was_computed(corpus, experiment):
    run = TrainingRun(experiment({"training": {"precision": "bfloat16"}}), corpus, seed=1)
    run.run_epoch()
    result = run.finish()
    assert (result.device, result.precision) == ("cpu", "bfloat16")
    assert np.isfinite(result.test["mae"])
