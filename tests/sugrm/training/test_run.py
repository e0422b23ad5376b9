import copy
import itertools
import logging
import shutil

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from sugrm.errors import NonFiniteLossError, SugrmError
from sugrm.training.evaluation import predict
from sugrm.training.optimisation.optimiser import parameter_groups
from sugrm.training.run import TrainingRun
from sugrm.types import Split, Task
from tests.parametrise import mostly_slow


def numbers(record):
    truths = dict(record.label_truth), dict(record.human_truth)
    return record.train_loss, dict(record.valid), dict(record.counters), *truths


def same(first, second):
    assert [numbers(r) for r in first.history] == [numbers(r) for r in second.history]
    for a, b in zip(first.history, second.history, strict=True):
        assert a.labels.keys() == b.labels.keys()
        assert all(np.array_equal(a.labels[k], b.labels[k]) for k in a.labels)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "finetune"),
    mostly_slow(
        [("paper", True), ("paper", False), ("released", True), ("released", False)],
        quick=[("released", False)],
    ),
)
def test_a_resumed_run_ends_with_the_numbers_of_an_unbroken_one(
    corpus, experiment, tmp_path, preset, finetune
):
    options = {"training": {"accumulation": 2}, "model": {"text": {"finetune": finetune}}}
    config = experiment(options, preset=("mosi", preset))
    whole = TrainingRun(config, corpus, seed=5)
    while not whole.finished:
        whole.run_epoch()
    expected = whole.finish()
    broken = TrainingRun(config, corpus, seed=5, checkpoint=tmp_path / "2")
    broken.run_epoch()
    shutil.copytree(tmp_path / "2", tmp_path / "1")
    broken.run_epoch()
    for broken_after in (1, 2):
        torch.manual_seed(999)  # whatever the process did in between
        resumed = TrainingRun(config, corpus, seed=5, checkpoint=tmp_path / str(broken_after))
        assert len(resumed.history) == broken_after
        while not resumed.finished:
            resumed.run_epoch()
        same(whole, resumed)
        assert_same_result(expected, resumed.finish())


def assert_same_result(expected, found):
    assert (expected.test, expected.best_epoch) == (found.test, found.best_epoch)
    for task in Task:
        assert np.array_equal(
            expected.predictions["test"].predictions[task],
            found.predictions["test"].predictions[task],
        )


def train_by_hand(run, epochs, *, accumulation):
    """Train with the loop that the released code has; return each epoch's mean loss."""
    feed, objective = run.data.feeds[Split.TRAIN], run.trainer.objective
    optimiser = torch.optim.Adam(parameter_groups(run.model, run.config.training))
    shuffler = torch.Generator().manual_seed(run.seed)
    torch.randperm(len(feed), generator=shuffler)  # the first pass, which fills in the labels
    means = []
    for epoch in range(1, epochs + 1):
        losses, since_step = [], 0
        optimiser.zero_grad()
        for rows in torch.randperm(len(feed), generator=shuffler).split(16):
            batch = feed.batch(rows.tolist())
            output = run.model.train()(batch)
            loss = objective.loss(output, batch)
            loss.backward()
            objective.after_backward(output, batch, epoch=epoch)
            losses.append(loss.item())
            since_step += 1
            if since_step == accumulation:
                optimiser.step()
                optimiser.zero_grad()
                since_step = 0
        means.append(float(np.mean(losses)))
    return means


@pytest.mark.slow
def test_epochs_equal_the_released_loop_written_out(corpus, experiment):
    """Three batches in groups of two: the third adds to nothing, and its gradient is dropped."""
    rates = {"text": 1e-3, "encoder": 1e-2, "others": 1e-2}
    layer = {"training": {"accumulation": 2, "learning_rate": rates}}
    config = experiment(layer, preset=("mosi", "released"))
    run, twin = (TrainingRun(config, corpus, seed=5) for _ in range(2))
    expected = train_by_hand(twin, 3, accumulation=2)
    found = [run.run_epoch().train_loss for _ in range(3)]
    assert found == pytest.approx(expected, rel=1e-5)
    assert found[2] != pytest.approx(found[1], rel=1e-3)
    first, second = (predict(r.model, r.data.feeds[Split.TEST], batch_size=16) for r in (run, twin))
    for task in Task:
        np.testing.assert_allclose(first[task], second[task], rtol=1e-4, atol=1e-4)
    labels = twin.trainer.objective.labels()
    np.testing.assert_allclose(run.history[2].labels["T"], labels["T"], atol=1e-4)


@pytest.mark.slow
def test_a_run_after_another_one_in_the_process_equals_a_fresh_one(corpus, experiment):
    config = experiment()
    fresh = TrainingRun(config, corpus, seed=3)
    fresh.run_epoch()
    other = TrainingRun(experiment({"model": {"width": 4}}), corpus, seed=4)
    other.run_epoch()
    again = TrainingRun(config, corpus, seed=3)
    again.run_epoch()
    same(fresh, again)


@pytest.mark.slow
def test_what_is_drawn_between_epochs_changes_nothing(corpus, experiment):
    config = experiment()
    quiet, disturbed = (TrainingRun(config, corpus, seed=3) for _ in range(2))
    quiet.run_epoch()
    quiet.run_epoch()
    disturbed.run_epoch()
    torch.rand(1000)
    disturbed.run_epoch()
    same(quiet, disturbed)


@pytest.mark.slow
def test_another_seed_gives_other_numbers(corpus, experiment):
    runs = [TrainingRun(experiment(), corpus, seed=seed) for seed in (1, 2)]
    first, second = (run.run_epoch() for run in runs)
    assert first.train_loss != second.train_loss


@pytest.mark.slow
@pytest.mark.parametrize("finetune", [True, False])
def test_the_best_epoch_is_restored_also_after_a_resume(corpus, experiment, finetune, tmp_path):
    """Before the last epoch the model is spoilt, so that an earlier one is the best."""
    config = experiment({"model": {"text": {"finetune": finetune}}})
    run = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
    run.run_epoch()
    run.run_epoch()
    with torch.no_grad():
        run.model.heads["M"].out.bias.fill_(50.0)
    run.run_epoch()
    losses = [record.valid["loss"] for record in run.history]
    best = 1 + int(np.argmin(losses))
    assert best < 3
    result = run.finish()
    assert result.best_epoch == best
    assert result.valid == run.history[best - 1].valid
    resumed = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
    assert resumed.finished
    assert resumed.finish().test == result.test


@pytest.mark.slow
def test_patience_ends_a_run_that_does_not_gain(corpus, experiment):
    still = {"text": 1e-12, "others": 1e-12}
    config = experiment({"training": {"learning_rate": still, "patience": 2, "max_epochs": 50}})
    run = TrainingRun(config, corpus, seed=1)
    while not run.finished:
        run.run_epoch()
    assert len(run.history) == 3


@pytest.mark.slow
def test_a_loss_that_is_not_finite_is_an_error(corpus, experiment):
    run = TrainingRun(experiment(), corpus, seed=1)
    with torch.no_grad():
        next(run.model.heads.parameters()).fill_(float("nan"))
    with pytest.raises(NonFiniteLossError, match="the training loss of epoch 1 is nan"):
        run.run_epoch()


@pytest.mark.slow
def test_a_checkpoint_of_another_experiment_is_refused(corpus, experiment, tmp_path):
    TrainingRun(experiment(), corpus, seed=1, checkpoint=tmp_path).run_epoch()
    with pytest.raises(SugrmError, match="belongs to another experiment"):
        TrainingRun(experiment(), corpus, seed=2, checkpoint=tmp_path)


@pytest.mark.slow
def test_a_cut_checkpoint_is_set_aside_and_the_run_starts_anew(
    corpus, experiment, tmp_path, caplog
):
    TrainingRun(experiment(), corpus, seed=1, checkpoint=tmp_path).run_epoch()
    path = tmp_path / "last.pt"
    path.write_bytes(path.read_bytes()[:1000])
    with caplog.at_level(logging.WARNING):
        run = TrainingRun(experiment(), corpus, seed=1, checkpoint=tmp_path)
    assert run.history == ()
    assert "cannot be read" in caplog.text
    assert (tmp_path / "last.pt.damaged").exists()


@pytest.mark.slow
def test_a_frozen_encoder_is_no_part_of_model_and_checkpoint(corpus, experiment, tmp_path):
    config = experiment({"model": {"text": {"finetune": False}}})
    run = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
    run.run_epoch()
    assert not any(name.startswith("text_encoder.") for name in run.model.state_dict())
    saved = torch.load(tmp_path / "last.pt", weights_only=True)["model"]
    assert saved.keys() == run.model.state_dict().keys()
    resumed = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
    resumed.run_epoch()
    run.run_epoch()
    same(run, resumed)


@pytest.mark.slow
def test_a_frozen_encoder_inside_the_model_is_neither_trained_nor_saved(
    corpus, experiment, tmp_path, monkeypatch
):
    """As in a system that works inside its encoder."""
    monkeypatch.setattr("sugrm.training.run_data.text_states", lambda *asked, **more: None)
    config = experiment({"model": {"text": {"finetune": False}}})
    run = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
    before = copy.deepcopy(run.model.text_encoder.state_dict())
    run.run_epoch()
    assert not run.model.text_encoder.training
    assert all(torch.equal(before[k], v) for k, v in run.model.text_encoder.state_dict().items())
    saved = torch.load(tmp_path / "last.pt", weights_only=True)["model"]
    assert not any(name.startswith("text_encoder.") for name in saved)
    resumed = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
    resumed.run_epoch()
    run.run_epoch()
    same(run, resumed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "encoder"),
    mostly_slow(
        itertools.product(["l1", "l2", "huber"], ["spt", "transformer", "lstm"]),
        quick=[("l1", "spt"), ("l2", "transformer"), ("huber", "lstm")],
    ),
)
def test_every_loss_and_encoder_trains(corpus, experiment, loss, encoder):
    config = experiment({"objective": {"loss": loss}, "model": {"encoder": {"name": encoder}}})
    assert np.isfinite(TrainingRun(config, corpus, seed=1).run_epoch().valid["loss"])


def test_an_unknown_device_is_refused(experiment):
    with pytest.raises(ValidationError, match=r"'gpu' is not a device; expected auto, cpu"):
        experiment({"training": {"device": "gpu"}})


def test_a_device_that_is_not_here_is_refused(corpus, experiment):
    config = experiment({"training": {"device": "cuda:99"}})
    with pytest.raises(SugrmError, match=r"is 'cuda:99', but torch finds .* here; set it to auto"):
        TrainingRun(config, corpus, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["transformer", "lstm"])
def test_every_encoder_trains_in_bfloat16(corpus, experiment, encoder):
    options = {"model": {"encoder": {"name": encoder}}, "training": {"precision": "bfloat16"}}
    assert np.isfinite(TrainingRun(experiment(options), corpus, seed=1).run_epoch().train_loss)


@pytest.mark.slow
def test_bfloat16_on_request_stays_close_to_float32(corpus, experiment):
    full = TrainingRun(experiment({"training": {"precision": "float32"}}), corpus, seed=1)
    half = TrainingRun(experiment({"training": {"precision": "bfloat16"}}), corpus, seed=1)
    first, second = full.run_epoch(), half.run_epoch()
    assert first.train_loss != second.train_loss
    assert first.train_loss == pytest.approx(second.train_loss, rel=0.1)
