import dataclasses
import math

import pytest

from reports.content.mark import Intervals, Line, Look, Points
from reports.figures.pareto_cost import pareto_cost
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path / "run")


def built(builder, space=SPACE):
    (figure,) = pareto_cost(load_results(builder.write(space)))
    return figure


def marks(panel, kind):
    return [mark for mark in panel.marks if isinstance(mark, kind)]


def test_the_front_of_a_search_is_a_step_line_to_the_slowest_trial(builder):
    for number, (mae, seconds) in enumerate([(0.8, 2.0), (0.9, 3.0), (1.0, 1.0)]):
        builder.searched(number, mae, test=0.123, inference_seconds=seconds)
    (panel,) = built(builder).panels
    (line,) = marks(panel, Line)
    assert line.x == [1.0, 2.0, 2.0, 3.0]
    assert line.y == [1.0, 1.0, 0.8, 0.8]
    beaten, front = marks(panel, Points)
    assert (beaten.look, beaten.x, beaten.y) == (Look.FAINT, [3.0], [0.9])
    assert (front.look, front.x, front.y) == (Look.STRONG, [1.0, 2.0], [1.0, 0.8])
    assert front.hover == [
        "trial 2: validation MAE 1.000, 1 s",
        "trial 0: validation MAE 0.800, 2 s",
    ]


def test_no_test_metric_of_a_search_trial_is_shown(builder):
    builder.searched(0, 0.9, test=0.12345, inference_seconds=1.0)
    figure = built(builder)
    assert "0.123" not in repr(dataclasses.asdict(figure))
    assert "validation" in figure.panels[0].title


def test_settings_stand_on_test_with_an_interval_from_three_seeds_on(builder):
    """Of MAE 0.8, 0.9, 1.0: mean 0.9, half width 4.3027 * 0.1 / sqrt 3."""
    for seed, mae in ((1, 0.8), (2, 0.9), (3, 1.0)):
        builder.cell("baseline", seed, mae, inference_seconds=2.0)
    for seed in (1, 2):
        changes = {"model.recalibration": "none"}
        builder.cell("remove MRM", seed, 1.0, inference_seconds=1.0, changes=changes)
    (panel,) = built(builder).panels
    assert panel.title == "Over seeds: test"
    baseline, removed = marks(panel, Intervals)
    assert (baseline.series, baseline.x, baseline.y) == ("baseline", [2.0], pytest.approx([0.9]))
    assert baseline.high[0] - baseline.y[0] == pytest.approx(0.43027 / 3**0.5, abs=1e-5)
    assert baseline.hover == [
        "modules, baseline: test MAE 0.900, 95 % interval [0.652, 1.148] (mean of 3 seeds), 2 s"
    ]
    assert (removed.series, removed.x) == ("remove MRM", [1.0])
    assert math.isnan(removed.low[0])
    assert removed.hover == ["modules, remove MRM: test MAE 1.000 (mean of 2 seeds), 1 s"]


def test_of_many_settings_those_on_the_front_are_named(builder):
    cells = {f"c{place}": {"a": place} for place in range(8)}
    for place, (name, changes) in enumerate(cells.items()):
        mae = 0.5 if name == "c3" else 0.9
        builder.cell(name, 1, mae, inference_seconds=1.0 + place, changes=changes)
    (panel,) = built(builder, {**SPACE, "ablations": {"modules": cells}, "seeds": [1]}).panels
    named = {mark.series: len(mark.x) for mark in marks(panel, Intervals)}
    assert named == {"other settings": 6, "c0": 1, "c3": 1}


def test_a_wide_range_of_times_has_a_logarithmic_axis(builder):
    builder.searched(0, 0.9, inference_seconds=0.1)
    builder.searched(1, 0.8, inference_seconds=2.5)
    (panel,) = built(builder).panels
    assert panel.x.log


@pytest.mark.slow
def test_thousands_of_trials_are_thinned_but_for_the_front(builder):
    for number in range(1000):
        builder.searched(number, 0.9 + number / 1e4, inference_seconds=1.0 + number)
    figure = built(builder)
    beaten, front = marks(figure.panels[0], Points)
    assert (len(beaten.x), len(front.x)) == (700, 1)
    assert any("at most 700 of the others, evenly spaced by rank" in note for note in figure.notes)


def test_the_summary_says_what_lies_on_the_front(builder):
    builder.searched(0, 0.9, inference_seconds=0.5)
    builder.searched(1, 0.8, inference_seconds=2.0)
    assert built(builder).summary == (
        "2 of 2 search trials by validation MAE are on the Pareto front: trial 0 (0.5 s, MAE "
        "0.900); trial 1 (2 s, MAE 0.800)."
    )


def test_times_of_different_devices_are_remarked(builder):
    builder.searched(0, 0.9, inference_seconds=0.5, device="cpu")
    builder.searched(1, 0.8, inference_seconds=2.0, device="cuda:1")
    assert built(builder).notes[-1] == (
        "Attention: the times were measured on different devices (cpu, cuda)."
    )


def test_without_a_recorded_time_there_is_no_figure(tmp_path):
    assert pareto_cost(load_results(tiny_run(tmp_path))) == ()
