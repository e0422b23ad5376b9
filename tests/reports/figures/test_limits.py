import math

import pytest

from reports.figures.learning_curves import learning_curves
from reports.figures.limits import Limits, limits
from reports.figures.parallel import parallel
from reports.figures.pareto_cost import pareto_cost
from reports.figures.slices import slices
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import LedgerBuilder


def test_a_value_far_past_the_median_is_cut_off_and_counted():
    """Median 0.8, best 0.7: the fence is 0.8 + 10 * 0.1 = 1.8; 0.07 * (1.8 - 0.7) is room."""
    found = limits([0.7, 0.8, 0.75, 1.8, 1e7, math.nan, 0.9], "min")
    assert (found.low, found.high) == pytest.approx((0.7 - 0.077, 1.8 + 0.077))
    assert (found.beyond, found.values, found.worst) == (1, 6, 1e7)
    (note,) = found.note("trials")
    assert note.startswith("1 of 6 trials lie beyond the axis, the furthest at 1e+07")


def test_the_best_is_always_shown():
    assert limits([0.001, 0.80, 0.81, 0.82], "min") == Limits()
    assert limits([0.99, 0.20, 0.21, 0.22], "max") == Limits()


def test_of_a_maximised_metric_the_low_side_is_cut_off():
    found = limits([0.9, 0.85, 0.8, -1e9], "max")
    assert found.beyond == 1
    assert not found.shows(-1e9)
    assert found.shows(0.8)
    assert found.shows(0.9)


@pytest.mark.parametrize("values", [[], [math.nan], [1.0], [1.0, 1.0, 1.0, 5.0], [1.0, 1e9]])
def test_nothing_is_cut_off_where_no_spread_is_known(values):
    assert limits(values, "min") == Limits()
    assert Limits().note("trials") == ()


@pytest.fixture
def diverged(tmp_path):
    """Eight trials, the last two of which diverged."""
    builder = LedgerBuilder(tmp_path)
    for number, mae in enumerate([0.70, 0.71, 0.73, 0.74, 0.78, 0.80, 1e7, 2e7]):
        changes = {"training.learning_rate.text": 2e-5 + number * 1e-6}
        builder.searched(number, mae, changes=changes, inference_seconds=1.0 + number)
        builder.rows["epochs"].append({"key": f"s{number}", "epoch": 1, "valid_mae": mae})
    return load_results(builder.write())


@pytest.mark.parametrize("build", [learning_curves, slices, pareto_cost])
def test_a_diverged_trial_does_not_flatten_the_others(diverged, build):
    figure, *_ = build(diverged)
    axis = figure.panels[0].y
    assert 0.6 < axis.low < 0.70
    assert 0.80 < axis.high < 2
    assert any("2 of 8" in note and "2e+07" in note for note in figure.notes)


def test_a_diverged_line_ends_before_the_objective(diverged):
    (figure,) = parallel(diverged)
    ends = [line.y[-1] for line in figure.panels[0].marks if len(getattr(line, "y", ())) == 3]
    assert sum(math.isnan(end) for end in ends) == 2
    assert sorted(end for end in ends if not math.isnan(end))[0] == 0.0
    assert any("2 of 8 lines lie beyond the axis" in note for note in figure.notes)
