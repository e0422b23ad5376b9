"""Trials without gain over the mean; the made-up learner's MAE is distance / epoch."""

from types import SimpleNamespace

import numpy as np
import pytest
from optuna.trial import TrialState

from search.stopping import no_gain
from search.stopping.no_gain import NoGain, mean_mae
from sugrm import load_corpus
from sugrm.types import Split
from tests.parametrise import mostly_slow

RULE = ("search.trials=8", "search.hopeless_after=2", "experiment.training.max_epochs=4")
TO_BEAT = 0.15
"""Reached after two epochs within 0.3 of the best rate, the penalty of l2 included."""


@pytest.fixture
def to_beat(monkeypatch):
    monkeypatch.setattr(no_gain, "mean_mae", lambda folder: TO_BEAT)


def stopped(run):
    return {key: row for key, row in run.ledger.trials.items() if row.status == "stopped"}


@pytest.mark.slow
def test_a_trial_without_gain_is_stopped_with_its_reason_and_pruned(command, to_beat):
    run = command(*RULE)
    poor = stopped(run)
    assert poor
    for key, row in poor.items():
        assert row.epochs == 2
        assert row.valid["mae"] >= TO_BEAT
        assert row.message.startswith(f"hopeless: validation MAE {row.valid['mae']:.4f}")
        assert row.failure is None
        assert len(run.ledger.curve(key, "mae")) == 2
    study = run.study
    assert len(study.get_trials(states=[TrialState.PRUNED])) == len(poor)


@pytest.mark.slow
def test_a_trial_with_gain_runs_to_its_end_without_a_message(command, to_beat):
    run = command(*RULE)
    finished = [row for row in run.ledger.trials.values() if row.status == "finished"]
    assert {row.epochs for row in finished} == {4}
    assert {row.message for row in finished} == {None}


@pytest.mark.slow
def test_without_the_rule_nothing_is_stopped(command, to_beat):
    assert stopped(command(RULE[0], RULE[2])) == {}


@pytest.mark.slow
def test_only_trials_of_the_search_are_stopped(command, monkeypatch):
    """Nothing beats an MAE of 0: the search loses every trial, no cell is touched."""
    monkeypatch.setattr(no_gain, "mean_mae", lambda folder: 0.0)
    run = command(*RULE)
    trials = run.ledger.trials
    statuses = {(role.phase, trials[key].status) for role, key in run.ledger.roles.items()}
    assert statuses == {("search", "stopped"), ("ablation", "finished")}


@pytest.mark.slow
def test_a_search_trial_that_also_fills_a_cell_is_not_stopped(command, monkeypatch):
    monkeypatch.setattr(no_gain, "mean_mae", lambda folder: 0.0)
    shared = ("search.seed=1", "confirm=")
    command(*shared, "search=", *RULE[2:], folder="run")
    run = command(*shared, *RULE)
    assert run.rows()["search 0"][1] == "finished"


@pytest.mark.slow
@pytest.mark.parametrize("cut_off", mostly_slow(range(1, 26, 4), quick=[5, 13]))
def test_a_run_cut_off_anywhere_stops_the_same_trials(command, to_beat, cut_off):
    undisturbed = command(*RULE, folder="undisturbed")
    command(*RULE, cut_off=cut_off)
    assert command(*RULE).rows() == undisturbed.rows()


def test_an_undefined_error_is_no_gain(to_beat):
    factory = SimpleNamespace(corpus=lambda trial: ".")
    rule = NoGain(SimpleNamespace(hopeless_after=1), factory)
    undefined = SimpleNamespace(valid={"mae": float("nan")})
    assert rule.reason(SimpleNamespace(), [undefined]).startswith("hopeless: ")


@pytest.mark.parametrize(("mae", "stops"), [(TO_BEAT, True), (TO_BEAT - 1e-9, False)])
def test_an_error_equal_to_that_of_the_mean_is_no_gain(to_beat, mae, stops):
    factory = SimpleNamespace(corpus=lambda trial: ".")
    rule = NoGain(SimpleNamespace(hopeless_after=1), factory)
    reason = rule.reason(SimpleNamespace(), [SimpleNamespace(valid={"mae": mae})])
    assert (reason is not None) is stops


def test_what_is_to_be_beaten_is_the_training_mean_on_validation(mini):
    corpus = load_corpus(mini().data, "unaligned")
    train, valid = (corpus.splits[split].labels for split in (Split.TRAIN, Split.VALID))
    expected = np.abs(valid - train.mean()).mean()
    assert mean_mae(corpus.folder) == pytest.approx(expected, rel=1e-6)
