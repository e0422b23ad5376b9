import numpy as np
import pytest
from scipy import stats

from reports.content.mark import Band, Intervals, Line, Points, Rule
from reports.figures.residuals import residuals
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


def built(tmp_path, labels, predictions, kind="mosi", dataset="mosi"):
    builder = LedgerBuilder(tmp_path, kind)
    builder.confirmed("a", 0, 1, 0.9, 0.9)
    builder.rows["predictions"] += [
        {"key": "c0-1", "split": "test", "id": f"u{n:05}", "label": y, "prediction_M": p}
        for n, (y, p) in enumerate(zip(labels, predictions, strict=True))
    ]
    space = {**SPACE, "data": {"dataset": dataset}}
    (figure,) = residuals(load_results(builder.write(space)))
    return figure


def mark(panel, kind):
    (found,) = (m for m in panel.marks if isinstance(m, kind))
    return found


def test_residuals_are_predicted_minus_label(tmp_path):
    points = mark(built(tmp_path, [1.0, -2.0], [1.5, -1.0]).panels[0], Points)
    assert (points.x, points.y) == ([1.0, -2.0], [0.5, 1.0])
    assert points.hover[1] == "u00001: label -2.00, predicted -1.00, residual +1.00"


def test_median_and_quartiles_are_of_the_labels_about_one_integer(tmp_path):
    """Residuals 0.0, 0.25, 0.5, 0.75, 1.0 about 1; the two utterances about -3 are too few."""
    labels = [0.75, 1.0, 1.0, 1.0, 1.25, -3.0, -3.0]
    predictions = [0.75, 1.25, 1.5, 1.75, 2.25, 0.0, 0.0]
    panel = built(tmp_path, labels, predictions).panels[0]
    line, band = mark(panel, Line), mark(panel, Band)
    assert (line.x, line.y) == ([1.0], [0.5])
    assert (band.low, band.high) == ([0.25], [0.75])
    assert line.hover == [
        "labels about +1.00: median residual +0.500, quartiles +0.250 to +0.750, 5 utterances"
    ]


def test_calibration_is_the_mean_label_of_equally_many_predictions(tmp_path):
    """Two bins of ten; their intervals are scipy's t intervals of the mean."""
    generator = np.random.default_rng(1)
    predictions = np.sort(generator.integers(-32, 32, 20) / 16)
    labels = generator.integers(-12, 13, 20) / 4
    order = generator.permutation(20)
    panel = built(tmp_path, labels[order].tolist(), predictions[order].tolist()).panels[1]
    bins = mark(panel, Intervals)
    split = [slice(0, 10), slice(10, 20)]
    assert predictions[9] < predictions[10]
    assert bins.x == pytest.approx([predictions[one].mean() for one in split])
    assert bins.y == pytest.approx([labels[one].mean() for one in split])
    for one, low, high in zip(split, bins.low, bins.high, strict=True):
        members = labels[one]
        expected = stats.t.interval(0.95, 9, members.mean(), stats.sem(members))
        assert (low, high) == pytest.approx(expected)
    assert mark(panel, Rule).diagonal
    assert (panel.x.low, panel.x.high) == (panel.y.low, panel.y.high)


def test_a_large_test_split_is_thinned_but_its_bins_are_of_all(tmp_path):
    labels = [float(n % 7 - 3) for n in range(1400)]
    figure = built(tmp_path, labels, labels)
    assert len(mark(figure.panels[0], Points).x) == 700
    assert "200 utterances" in mark(figure.panels[0], Line).hover[0]
    assert figure.notes[-1].startswith("700 of 1400 utterances are drawn")


def test_the_summary_gives_bias_error_and_slope(tmp_path):
    """Predictions are half the labels: the slope of labels on predictions is 2."""
    labels = [-2.0] * 5 + [2.0] * 5
    figure = built(tmp_path, labels, [label / 2 for label in labels])
    assert figure.summary.startswith(
        "Over 10 test utterances the mean residual is +0.000 and the mean absolute residual "
        "1.000; the median goes from +1.00 where labels are about -2.0 to -1.00 where they are "
        "about +2.0. "
        "The least-squares slope of labels on predictions is 2.00"
    )


def test_a_constant_prediction_has_no_slope(tmp_path):
    figure = built(tmp_path, [1.0, 2.0, 3.0], [0.5, 0.5, 0.5])
    assert figure.summary.endswith("Every prediction is the same.")


def test_without_predictions_there_is_no_figure(tmp_path):
    assert residuals(load_results(tiny_run(tmp_path))) == ()


def test_labels_of_sims_are_grouped_by_the_classes_of_acc5_over_their_whole_range(tmp_path):
    """-0.8 and -1 share a class, and so do 0.2 and 0.6; four labels of 0 are too few."""
    labels = [-1.0, -0.8, -0.8, -1.0, -0.8, 0.2, 0.6, 0.4, 0.2, 0.6, 0.0, 0.0, 0.0, 0.0]
    figure = built(tmp_path, labels, [0.0] * 14, "sims", "sims")
    panel = figure.panels[0]
    assert mark(panel, Line).x == pytest.approx([-0.88, 0.4])
    assert (panel.x.low, panel.x.high) == (-1.05, 1.05)
    assert "in the same class of Acc-5" in figure.notes[1]
    assert any("clip predictions to [-1, 1]" in note for note in figure.notes)


def test_labels_without_classes_are_grouped_by_thirds_of_their_bound(tmp_path):
    """With a bound of 6 a third is 2: 2.9 rounds to one of them, 5.1 to three."""
    own = {"name": "own", "label_bound": 6, "metrics": "regression"}
    figure = built(tmp_path, [2.9] * 5 + [5.1] * 5, [0.0] * 10, "regression", own)
    assert mark(figure.panels[0], Line).x == pytest.approx([2.9, 5.1])
    assert (figure.panels[0].x.low, figure.panels[0].x.high) == pytest.approx((-6.3, 6.3))
    assert "rounds to the same third of the greatest label" in figure.notes[1]
