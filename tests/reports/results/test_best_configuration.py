"""The configuration that validation chose, from ledgers made by hand."""

import json
import math

import pytest

from reports import best_configuration, load_results
from reports.errors import UnknownNameError
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


def best_of(builder, **space):
    return best_configuration(load_results(builder.write({**SPACE, **space})))


def test_it_is_the_confirmed_configuration_with_the_best_mean_on_validation(tmp_path):
    best = best_configuration(load_results(tiny_run(tmp_path / "tiny")))
    assert best.title == "confirmed configuration 1, chosen on validation"
    assert best.seeds == (1, 2)
    assert best.changes == {"training.learning_rate.text": 0.00003162277, "training.batch_size": 16}
    assert best.options == {"configuration": "s1"}
    assert [trial.key for trial in best.trials] == ["c0-1", "c0-2"]
    assert repr(best).startswith(
        "BestConfiguration(confirmed configuration 1, chosen on validation; valid mae 0.83, "
        "test mae 0.99, 2 seeds; training.learning_rate.text=3.162277e-05, training.batch_size=16"
    )


def test_its_metrics_are_over_seeds_with_an_interval_from_three_on(tmp_path):
    """Of 0.8, 0.9, 1.0: mean 0.9, deviation 0.1, half width 4.3027 * 0.1 / sqrt 3."""
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.7)
    for seed, mae in ((1, 0.8), (2, 0.9), (3, 1.0)):
        builder.confirmed("s0", 0, seed, mae, 2 * mae)
    frame = best_of(builder, confirm={"top": 1, "seeds": [1, 2, 3]}).metrics
    row = frame.loc["mae"]
    assert row["valid_mean"] == pytest.approx(0.9)
    assert row["valid_deviation"] == pytest.approx(0.1)
    assert row["valid_high"] - row["valid_mean"] == pytest.approx(4.302653 * 0.1 / 3**0.5)
    assert (row["test_mean"], row["test_seeds"]) == (pytest.approx(1.8), 3)
    assert "acc7" in frame.index
    assert "acc2_sims" not in frame.index


def test_two_seeds_have_no_interval(tmp_path):
    row = best_configuration(load_results(tiny_run(tmp_path / "tiny"))).metrics.loc["mae"]
    assert math.isnan(row["test_low"])
    assert row["test_deviation"] == pytest.approx(0.02 * 2**0.5)


@pytest.mark.parametrize(("split", "metric"), [("tset", "mae"), ("test", "mea")])
def test_an_unknown_split_or_metric_is_refused(tmp_path, split, metric):
    best = best_configuration(load_results(tiny_run(tmp_path / "tiny")))
    with pytest.raises(UnknownNameError, match=r"did you mean '(test|mae)'"):
        best.over_seeds(split, metric)


def test_before_a_confirmation_it_is_the_best_trial_without_its_test_metrics(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.9)
    builder.searched(1, 0.8, changes={"training.batch_size": 16})
    best = best_of(builder)
    assert best.title == "search trial 1, the best on validation, not confirmed"
    assert best.changes == {"training.batch_size": 16}
    assert best.over_seeds("valid", "mae").mean == 0.8
    assert best.over_seeds("test", "mae") is None
    assert math.isnan(best.metrics.loc["mae", "test_mean"])
    assert best.metrics.loc["mae", "test_seeds"] == 0
    assert "test" not in repr(best)


def test_without_a_search_it_is_the_best_cell_of_those_with_the_most_seeds(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    changes = {"model.recalibration": "none"}
    for seed in (1, 2):
        builder.cell("baseline", seed, 0.9)
        builder.cell("remove MRM", seed, 0.8, changes=changes)
    builder.cell("LSTM", 1, 0.1, changes={"model.encoder.name": "lstm"})
    best = best_of(builder, search=None, confirm=None)
    assert best.title == "cell remove MRM of modules, the best on validation"
    assert best.changes == changes


def test_there_is_none_before_a_trial_has_finished(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, status="failed")
    assert best_of(builder) is None


def test_the_models_that_the_run_kept_are_named_by_seed(tmp_path):
    folder = tiny_run(tmp_path / "tiny")
    for key in ("c0-2", "s0"):
        (folder / "checkpoints" / key).mkdir(parents=True)
        (folder / "checkpoints" / key / "best.pt").write_bytes(b"model")
    (folder / "checkpoints" / "c0-1").mkdir()  # of a trial that runs: no model yet
    best = best_configuration(load_results(folder))
    assert best.models == {2: folder / "checkpoints" / "c0-2"}


def test_its_options_are_those_of_the_trial(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, config=json.dumps({"training": {"batch_size": 8}}))
    assert best_of(builder).options == {"training": {"batch_size": 8}}
