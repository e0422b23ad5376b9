"""One epoch of training: gradients, clipping, groups of batches, no wait for the device."""

import copy

import pytest
import torch

from sugrm.training.run import TrainingRun
from sugrm.types import Split
from tests.host_synchronisation import NoHostSynchronisation


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "encoder", "training"),
    [
        ("paper", "spt", {}),
        ("paper", "transformer", {"optimiser": "adamw"}),
        ("paper", "lstm", {"precision": "bfloat16"}),
        ("released", "spt", {}),
        ("released", "spt", {"precision": "bfloat16"}),
    ],
)
def test_a_step_never_waits_for_the_device(corpus, experiment, preset, encoder, training):
    options = {
        "model": {"encoder": {"name": encoder}},
        "training": {"gradient_clip": 1.0, **training},
    }
    run = TrainingRun(experiment(options, preset=("mosi", preset)), corpus, seed=1)
    run.run_epoch()
    run.model.train()
    batch = run.data.feeds[Split.TRAIN].batch(range(16))
    with NoHostSynchronisation():
        run.trainer.clear_gradients()
        run.trainer.train_batch(batch, epoch=3)
        run.trainer.step()


@pytest.mark.slow
def test_gradients_are_clipped_to_the_norm_asked_for(corpus, experiment):
    norms = {}
    for clip in (None, 0.01):
        run = TrainingRun(experiment({"training": {"gradient_clip": clip}}), corpus, seed=1)
        run.trainer.train_batch(run.data.feeds[Split.TRAIN].batch(range(16)), epoch=1)
        run.trainer.step()
        gradients = [p.grad for p in run.model.parameters() if p.grad is not None]
        norms[clip] = float(torch.stack([g.norm() for g in gradients]).norm())
    assert norms[None] > 0.1
    assert norms[0.01] == pytest.approx(0.01, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("incomplete", "steps"), [("step", 2), ("drop", 1)])
def test_the_trailing_incomplete_group_steps_or_is_dropped(corpus, experiment, incomplete, steps):
    """48 utterances in batches of 16 are 3 batches: groups of 2 leave one batch over."""
    options = {"accumulation": 2, "incomplete_group": incomplete}
    run = TrainingRun(experiment({"training": options}), corpus, seed=1)
    run.run_epoch()
    taken = {int(state["step"]) for state in run.trainer.optimiser.state.values()}
    assert max(taken) == steps


@pytest.mark.slow
def test_gradients_of_a_group_are_summed(corpus, experiment):
    config = experiment({"objective": {"tasks": ["M"]}, "training": {"batch_size": 16}})
    run = TrainingRun(config, corpus, seed=1)
    run.model.eval()
    feed = run.data.feeds[Split.TRAIN]
    parts = []
    for rows in (range(16), range(16, 32)):
        run.model.zero_grad()
        run.trainer.train_batch(feed.batch(rows), epoch=1)
        parts.append([copy.deepcopy(p.grad) for p in run.model.parameters()])
    run.model.zero_grad()
    for rows in (range(16), range(16, 32)):
        run.trainer.train_batch(feed.batch(rows), epoch=1)
    for parameter, first, second in zip(run.model.parameters(), *parts, strict=True):
        if first is not None:
            torch.testing.assert_close(parameter.grad, first + second)
