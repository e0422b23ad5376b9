import pytest
import torch

from sugrm.config import TrainingConfig
from sugrm.training.optimisation.schedule import build_schedule, rate_factor, steps_per_epoch
from sugrm.training.run import TrainingRun


def optimiser_of(*rates):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in rates]
    return torch.optim.AdamW(groups)


def rates_of(schedule, steps):
    """Return the rates that each of the steps is made with."""
    found = []
    for _ in range(steps):
        found.append([group["lr"] for group in schedule.optimizer.param_groups])
        schedule.optimizer.step()
        schedule.step()
    return found


@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.25])
def test_linear_is_the_schedule_of_transformers(warmup):
    """25 utterances in batches of 3 are 9 steps, in 4 epochs 36."""
    from transformers import get_linear_schedule_with_warmup

    config = TrainingConfig(batch_size=3, max_epochs=4, schedule="linear", warmup=warmup)
    ours = build_schedule(optimiser_of(1e-5, 1e-2), config, utterances=25)
    theirs = get_linear_schedule_with_warmup(optimiser_of(1e-5, 1e-2), warmup * 36, 36)
    for found, expected in zip(rates_of(ours, 37), rates_of(theirs, 37), strict=True):
        assert found == pytest.approx(expected, rel=1e-12)


def test_rates_rise_over_the_warmup_and_then_stay_or_fall():
    """Ten steps, a fifth of them warm-up."""
    linear = TrainingConfig(schedule="linear", warmup=0.2)
    constant = TrainingConfig(warmup=0.2)
    factors = [rate_factor(linear, step, steps=10) for step in range(11)]
    assert factors == pytest.approx([0, 0.5, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8, 0])
    assert [rate_factor(constant, step, steps=10) for step in range(4)] == [0, 0.5, 1, 1]


def test_constant_rates_are_the_configured_ones_bit_for_bit():
    schedule = build_schedule(optimiser_of(1e-5, 3e-3), TrainingConfig(), utterances=9)
    assert rates_of(schedule, 5) == [[1e-5, 3e-3]] * 5


@pytest.mark.parametrize(
    ("utterances", "accumulation", "incomplete", "steps"),
    [(32, 1, "step", 2), (33, 1, "step", 3), (80, 2, "step", 3), (80, 2, "drop", 2)],
)
def test_an_epoch_has_one_step_for_each_group_of_batches(
    utterances, accumulation, incomplete, steps
):
    config = TrainingConfig(batch_size=16, accumulation=accumulation, incomplete_group=incomplete)
    assert steps_per_epoch(config, utterances) == steps


@pytest.mark.slow
@pytest.mark.parametrize("incomplete", ["step", "drop"])
def test_a_fit_makes_as_many_steps_as_its_schedule_has(corpus, experiment, incomplete):
    layer = {"accumulation": 2, "incomplete_group": incomplete, "schedule": "linear", "warmup": 0.5}
    run = TrainingRun(experiment({"training": layer}), corpus, seed=1)
    rates = [group["lr"] for group in run.trainer.optimiser.param_groups]
    assert not any(rates)
    while not run.finished:
        run.run_epoch()
    assert run.trainer.schedule.last_epoch == 3 * steps_per_epoch(run.config.training, 48)
    assert all(group["lr"] == 0 for group in run.trainer.optimiser.param_groups)


@pytest.mark.slow
def test_a_resumed_fit_goes_on_with_the_rates_of_an_unbroken_one(corpus, experiment, tmp_path):
    layer = {"schedule": "linear", "warmup": 0.4, "max_epochs": 4}
    config = experiment({"training": layer})
    whole = TrainingRun(config, corpus, seed=5)
    while not whole.finished:
        whole.run_epoch()
    TrainingRun(config, corpus, seed=5, checkpoint=tmp_path).run_epoch()
    resumed = TrainingRun(config, corpus, seed=5, checkpoint=tmp_path)
    while not resumed.finished:
        resumed.run_epoch()
    assert len(resumed.history) == 4
    assert [r.train_loss for r in resumed.history] == [r.train_loss for r in whole.history]
    assert [dict(r.valid) for r in resumed.history] == [dict(r.valid) for r in whole.history]
    assert all(
        torch.equal(weight, whole.model.state_dict()[name])
        for name, weight in resumed.model.state_dict().items()
    )


@pytest.mark.slow
def test_a_schedule_changes_what_is_learnt(corpus, experiment):
    plain, scheduled = (
        TrainingRun(experiment({"training": {"schedule": name}}), corpus, seed=1).run_epoch()
        for name in ("constant", "linear")
    )
    assert plain.train_loss != scheduled.train_loss
