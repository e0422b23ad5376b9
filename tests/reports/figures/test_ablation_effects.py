import json
import math

import pytest

from reports.content.mark import Intervals, Points, Rule
from reports.figures.ablation_effects import ablation_effects
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


def built(tmp_path, cells, maes, *, seeds=(1, 2, 3), **space):
    """Return the figures of an ablation whose cells have MAEs by seed."""
    builder = LedgerBuilder(tmp_path)
    for name, values in maes.items():
        for seed, mae in zip(seeds, values, strict=False):
            builder.cell(name, seed, mae, group="g", changes=cells[name])
    given = {**SPACE, "ablations": {"g": cells}, "seeds": list(seeds), **space}
    return ablation_effects(load_results(builder.write(given)))


def mark(panel, series):
    (found,) = (m for m in panel.marks if getattr(m, "series", "").startswith(series))
    return found


def test_differences_are_paired_by_seed(tmp_path):
    """Differences 0.1, 0.2, 0.3: mean 0.2, half width 4.3027 * 0.1 / sqrt 3.

    Acc-2 is 1.02 - MAE / 4.
    """
    cells = {"baseline": {}, "LSTM": {"a": 1}}
    (figure,) = built(tmp_path, cells, {"baseline": [0.9, 1.0, 1.1], "LSTM": [1.0, 1.2, 1.4]})
    mae, acc2 = figure.panels
    assert mae.marks[0] == Rule(x=0.0)
    means = mark(mae, "mean, 95 % interval")
    assert (means.x, means.y) == (pytest.approx([0.2]), [0.0])
    assert means.high == pytest.approx([0.2 + 0.43027 / 3**0.5], abs=1e-5)
    assert means.hover == ["LSTM: Δ MAE +0.200 (95 % interval [-0.048, +0.448], 3 pairs)"]
    assert mark(mae, "single seeds").x == pytest.approx([0.1, 0.2, 0.3])
    assert mark(acc2, "mean").x == pytest.approx([-5.0])
    assert mark(acc2, "single seeds").hover[1] == "LSTM, seed 2: -5.0"


def test_the_better_side_is_named_on_each_axis(tmp_path):
    cells = {"baseline": {}, "LSTM": {"a": 1}}
    (figure,) = built(tmp_path, cells, {"baseline": [1.0], "LSTM": [1.1]})
    assert [panel.x.title for panel in figure.panels] == [
        "Δ MAE (← better)",
        "Δ, percentage points (better →)",
    ]


def test_two_pairs_have_a_mean_and_no_interval(tmp_path):
    cells = {"baseline": {}, "LSTM": {"a": 1}}
    (figure,) = built(tmp_path, cells, {"baseline": [1.0, 1.0, 1.0], "LSTM": [1.1, 1.3]})
    means = mark(figure.panels[0], "mean")
    assert means.series == "mean"
    assert means.x == pytest.approx([0.2])
    assert math.isnan(means.low[0])
    assert "no intervals" in figure.summary


def test_cells_keep_the_order_of_the_space_and_a_missing_one_its_row(tmp_path):
    cells = {"z": {"a": 1}, "baseline": {}, "gone": {"a": 2}, "b": {"a": 3}}
    (figure,) = built(tmp_path, cells, {"baseline": [1.0], "z": [0.9], "b": [1.1]})
    axis = figure.panels[0].y
    assert axis.categories == ["z", "gone (missing)", "b"]
    assert axis.reverse
    assert mark(figure.panels[0], "mean").y == [0.0, 2.0]
    assert figure.notes[-1] == "Without a difference: gone; nothing is filled in."


def test_the_published_difference_is_that_within_one_table_of_the_paper(tmp_path):
    """Table 4, unaligned MOSI: SUGRM has MAE 0.703 and SUGRM - MRM 0.761; Acc-2 86.3 and 82.8."""
    cells = {"text only": {"a": 1}, "SUGRM": {}, "SUGRM - MRM": {"a": 2}}
    maes = {"SUGRM": [1.0], "text only": [1.1], "SUGRM - MRM": [1.2]}
    (figure,) = built(tmp_path, cells, maes, baselines={"g": "SUGRM"})
    published = [mark(panel, "published") for panel in figure.panels]
    assert [one.x for one in published] == [pytest.approx([0.058]), pytest.approx([-3.5])]
    assert isinstance(published[0], Points)
    assert published[0].marker == "diamond"
    assert published[0].y[0] == pytest.approx(1, abs=0.5)
    assert "Table 4" in " ".join(figure.notes)


def test_a_cell_that_leaves_a_stream_out_has_no_published_difference(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cells = {"SUGRM": {}, "SUGRM - MRM": {"a": 2}}
    for name, read in (("SUGRM", ["text", "audio", "vision"]), ("SUGRM - MRM", ["text"])):
        config = json.dumps({"model": {"modalities": read}})
        builder.cell(name, 1, 1.0, group="g", changes=cells[name], config=config)
    space = {**SPACE, "ablations": {"g": cells}, "seeds": [1], "baselines": {"g": "SUGRM"}}
    (figure,) = ablation_effects(load_results(builder.write(space)))
    assert "Published" not in " ".join(figure.notes)


def test_without_a_published_baseline_nothing_is_published(tmp_path):
    cells = {"baseline": {}, "SUGRM - MRM": {"a": 2}}
    (figure,) = built(tmp_path, cells, {"baseline": [1.0], "SUGRM - MRM": [1.2]})
    assert not any(
        getattr(m, "series", "") == "published" for panel in figure.panels for m in panel.marks
    )
    assert "Published" not in " ".join(figure.notes)


def test_the_summary_names_the_ends_and_counts_clear_intervals(tmp_path):
    cells = {"baseline": {}, "good": {"a": 1}, "bad": {"a": 2}}
    maes = {"baseline": [1.0, 1.0, 1.0], "good": [0.9, 0.9, 0.9], "bad": [1.0, 1.1, 1.2]}
    (figure,) = built(tmp_path, cells, maes)
    assert figure.summary.startswith(
        "Δ test MAE against baseline, the worst and the best: bad +0.100 (95 % interval "
        "[-0.148, +0.348], 3 pairs), good -0.100 (95 % interval [-0.100, -0.100], 3 pairs); 1 of 2 "
        "intervals exclude 0."
    )


def test_an_undefined_metric_is_not_drawn_as_a_number(tmp_path):
    cells = {"baseline": {}, "LSTM": {"a": 1}}
    (figure,) = built(tmp_path, cells, {"baseline": [1.0], "LSTM": [math.nan]})
    assert math.isnan(mark(figure.panels[0], "mean").x[0])
    assert figure.panels[0].y.categories == ["LSTM (undefined)"]
    assert "undefined" in figure.summary


def test_every_ablation_with_a_common_seed_has_a_figure(tmp_path):
    assert [
        (figure.name, figure.panels[0].y.categories)
        for figure in ablation_effects(load_results(tiny_run(tmp_path)))
    ] == [("ablation_effects_modules", ["remove MRM", "LSTM (missing)"])]


def test_cells_without_a_common_seed_have_no_figure(tmp_path):
    cells = {"baseline": {}, "LSTM": {"a": 1}}
    assert built(tmp_path, cells, {"baseline": [1.0]}) == ()
    assert built(tmp_path / "other", cells, {"LSTM": [1.0]}) == ()


def test_means_are_intervals_along_x(tmp_path):
    cells = {"baseline": {}, "LSTM": {"a": 1}}
    (figure,) = built(tmp_path, cells, {"baseline": [1.0], "LSTM": [1.1]})
    means = mark(figure.panels[0], "mean")
    assert isinstance(means, Intervals)
    assert means.horizontal
