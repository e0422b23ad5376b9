import math

import pytest

from reports.content.mark import Line, Look
from reports.figures.label_truth_curves import label_truth_curves
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


def truth(builder, epoch, generated, task="A", human=0.75):
    key = builder.rows["trials"][-1]["key"]
    row = {"key": key, "epoch": epoch, f"label_truth_{task}": generated}
    builder.rows["epochs"].append({**row, f"human_truth_{task}": human})


@pytest.fixture
def builder(tmp_path):
    """A cell of two seeds; the labels of the first are followed for one epoch more."""
    builder = LedgerBuilder(tmp_path / "run")
    for seed, values in ((1, [0.75, 0.5, 0.25]), (2, [0.75, 0.0])):
        builder.cell("baseline", seed, 0.9)
        for epoch, value in enumerate(values, start=1):
            truth(builder, epoch, value)
    return builder


def built(builder, space=SPACE):
    (figure,) = label_truth_curves(load_results(builder.write(space)))
    return figure


def lines(panel, look):
    return [m for m in panel.marks if isinstance(m, Line) and m.look is look and not m.dashed]


def test_the_mean_goes_as_far_as_every_seed_and_each_seed_as_far_as_it_went(builder):
    """Means 0.75 and (0.5 + 0) / 2."""
    (panel,) = built(builder).panels
    first, second = lines(panel, Look.FAINT)
    (mean,) = lines(panel, Look.STRONG)
    assert (first.x, first.y) == ([1, 2, 3], [0.75, 0.5, 0.25])
    assert (second.x, second.y) == ([1, 2], [0.75, 0.0])
    assert (mean.x, mean.y) == ([1, 2], [0.75, 0.25])
    assert {line.series for line in (first, second, mean)} == {"baseline"}
    assert mean.hover[1] == "baseline, mean of 2 seeds, epoch 2: generated 0.250, human 0.750"
    assert first.hover[2] == "baseline, seed 1, epoch 3: generated 0.250, human 0.750"


def test_the_human_label_is_a_dashed_line_across_the_epochs(builder):
    (panel,) = built(builder).panels
    (human,) = (m for m in panel.marks if m.dashed)
    assert (human.x, human.y) == ([1, 3], [0.75, 0.75])


def test_each_modality_has_a_panel_of_the_same_scale(builder):
    truth(builder, 1, -0.5, task="T", human=0.875)
    figure = built(builder)
    assert [panel.title for panel in figure.panels] == ["text", "audio"]
    low, high = -0.5 - 0.05 * 1.375, 0.875 + 0.05 * 1.375
    for panel in figure.panels:
        assert (panel.y.low, panel.y.high) == pytest.approx((low, high))


def test_confirmed_configurations_stand_beside_the_cells(builder):
    builder.confirmed("s1", 0, 1, 0.9, 0.9)
    truth(builder, 1, 0.5)
    (panel,) = built(builder).panels
    assert [line.series for line in lines(panel, Look.STRONG)] == [
        "baseline",
        "confirmed 1 (chosen)",
    ]


def test_cells_of_two_ablations_are_distinguished(builder):
    builder.cell("L1", 1, 0.9, group="losses")
    truth(builder, 1, 0.5)
    (panel,) = built(
        builder, {**SPACE, "ablations": {**SPACE["ablations"], "losses": {"L1": {}}}}
    ).panels
    assert [line.series for line in lines(panel, Look.STRONG)] == [
        "modules: baseline",
        "losses: L1",
    ]


def test_more_settings_than_can_be_distinguished_are_left_out_by_name(tmp_path):
    builder = LedgerBuilder(tmp_path / "many")
    cells = {f"c{place}": {"a": place} for place in range(10)}
    for name, changes in cells.items():
        builder.cell(name, 1, 0.9, changes=changes)
        truth(builder, 1, 0.5)
    figure = built(builder, {**SPACE, "ablations": {"modules": cells}})
    assert len(lines(figure.panels[0], Look.STRONG)) == 8
    assert "Left out: c8, c9" in figure.notes[-1]


def test_an_undefined_correlation_interrupts_a_line_and_is_no_limit(builder):
    truth(builder, 3, math.nan)
    (panel,) = built(builder).panels
    _, second = lines(panel, Look.FAINT)
    assert math.isnan(second.y[2])
    assert panel.y.low == pytest.approx(0 - 0.05 * 0.75)


def test_the_summary_gives_the_last_epoch_of_each_seed(builder):
    """Last epochs 0.25 and 0."""
    assert built(builder).summary.endswith("mean over seeds. audio: baseline 0.125 (human 0.750).")


def test_without_a_truth_there_is_no_figure(tmp_path):
    assert label_truth_curves(load_results(tiny_run(tmp_path))) == ()


def test_the_figure_says_what_the_truth_is(builder):
    made = built(builder)
    given = built(builder, {**SPACE, "data": {"dataset": "sims"}})
    for figure, words, series in (
        (made, "from which the synthetic corpus was made", "human label"),
        (given, "the human label of their modality alone", "multimodal human label"),
    ):
        assert words in figure.summary
        assert words in figure.notes[0]
        (dashed,) = (m for m in figure.panels[0].marks if isinstance(m, Line) and m.dashed)
        assert dashed.series == series
        assert f"({series.split()[0]} 0.750)" in figure.summary
