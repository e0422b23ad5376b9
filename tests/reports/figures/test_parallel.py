import json
import math

import pytest

from reports.content.mark import Line, Look, Texts
from reports.figures.parallel import parallel
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import LedgerBuilder

PARAMETERS = {
    "a.rate": {"low": 1e-5, "high": 1e-3, "log": True},
    "a.kind": {"choice": ["spt", "gru", "lstm"]},
    "a.heads": {"low": 1, "high": 5, "when": {"a.kind": ["spt"]}},
}


def space(mode="min", metric="valid/mae"):
    search = {"objective": {"metric": metric, "mode": mode}, "parameters": PARAMETERS}
    return {"name": "s", "data": {"dataset": "mosi"}, "search": search}


@pytest.fixture
def builder(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.6, changes={"a.rate": 1e-4, "a.kind": "spt", "a.heads": 2})
    builder.searched(1, 0.9, changes={"a.rate": 1e-5, "a.kind": "lstm"})
    builder.searched(2, 1.0, changes={"a.rate": 1e-3, "a.kind": "gru"}, status="stopped")
    builder.searched(3, status="failed", failure="nan", changes={"a.rate": 5e-4})
    return builder


def lines(figure):
    """Return the trials: lines over more than one axis."""
    marks = figure.panels[0].marks
    return [mark for mark in marks if isinstance(mark, Line) and len(mark.x) > 2]


def near(share):
    return pytest.approx(share, abs=0.031)  # choices are spread by 0.06 of half the axis


def test_a_trial_is_a_line_over_its_values_on_their_scales(builder):
    """1e-4 is halfway from 1e-5 to 1e-3 in logarithms; heads 2 a quarter from 1 to 5."""
    (figure,) = parallel(load_results(builder.write(space())))
    third, second, first = sorted(lines(figure), key=lambda line: line.y[-1])
    assert list(first.y) == [pytest.approx(0.5), near(0), 0.25, 1.0]
    assert second.y[:2] == [0.0, near(1)]
    assert second.y[3] == pytest.approx((0.9 - 1.0) / (0.6 - 1.0))
    assert third.y[:2] == [pytest.approx(1.0), near(0.5)]
    assert third.y[3] == 0.0


def test_a_line_is_interrupted_where_a_parameter_did_not_count(builder):
    (figure,) = parallel(load_results(builder.write(space())))
    assert [math.isnan(line.y[2]) for line in lines(figure)].count(True) == 2


def test_the_best_tenth_stands_out_and_says_its_values(builder):
    (figure,) = parallel(load_results(builder.write(space())))
    best = [line for line in lines(figure) if line.series]
    assert [(line.series, line.look) for line in best] == [("best tenth", Look.NORMAL)]
    assert best[0].hover == [
        "trial 0: rate 0.0001", "trial 0: kind spt", "trial 0: heads 2",
        "trial 0: validation MAE 0.6",
    ]  # fmt: skip
    assert figure.summary == (
        "3 trials over 3 parameters; validation MAE of the best tenth, 1 of those that ran to "
        "their end: 0.6."
    )


def test_a_greater_objective_may_be_the_better_one(builder):
    """Corr is 1 - MAE / 3: 0.8 of the best, on top, and 0.667 of the worst."""
    (figure,) = parallel(load_results(builder.write(space("max", "valid/corr"))))
    assert next(line for line in lines(figure) if line.series).y[-1] == 1.0
    ends = [mark for mark in figure.panels[0].marks if isinstance(mark, Texts) and mark.x == [3]]
    assert [(mark.texts, mark.side) for mark in ends] == [(["0.6667"], "below"), (["0.8"], "above")]


def test_axes_are_labelled_at_their_ends_or_choices(builder):
    (figure,) = parallel(load_results(builder.write(space())))
    texts = [mark for mark in figure.panels[0].marks if isinstance(mark, Texts)]
    assert [list(mark.texts) for mark in texts if mark.x[0] == 0] == [["1e-05"], ["0.001"]]
    (kinds,) = [mark for mark in texts if mark.x[0] == 1]
    assert (list(kinds.texts), kinds.y) == (["spt", "gru", "lstm"], [0.0, 0.5, 1.0])
    assert figure.panels[0].x.categories == ["rate", "kind", "heads", "validation MAE"]


def test_a_fixed_value_outside_the_searched_range_widens_its_axis(builder):
    config = json.dumps({"a": {"rate": 1e-7, "kind": "gru", "heads": 2}})
    builder.searched(4, 0.95, config=config)
    (figure,) = parallel(load_results(builder.write(space())))
    assert min(line.y[0] for line in lines(figure)) == 0.0
    halfway = next(line for line in lines(figure) if line.series).y[0]
    assert halfway == pytest.approx(3 / 4)  # 1e-4 between 1e-7 and 1e-3


@pytest.mark.slow
def test_three_hundred_lines_are_drawn_at_most(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for number in range(1000):
        changes = {"a.rate": 1e-4, "a.kind": "spt", "a.heads": 1 + number % 5}
        builder.searched(number, 0.5 + number / 1000, changes=changes)
    (figure,) = parallel(load_results(builder.write(space())))
    drawn = lines(figure)
    assert len(drawn) == 300
    assert len([line for line in drawn if line.series]) == 40
    assert sorted(line.y[-1] for line in drawn)[:: len(drawn) - 1] == [0.0, 1.0]
    assert "n = 1000 trials, 300 of them drawn" in figure.notes[0]
    assert "100 of those that ran to their end: 0.5 to 0.599." in figure.summary


def test_one_trial_or_none_is_no_figure(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.9, changes={"a.rate": 1e-4})
    assert parallel(load_results(builder.write(space()))) == ()
