import math

import numpy as np
import pytest

from reports.content.mark import Line, Tiles
from reports.figures.human_labels import human_labels_figure
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import LedgerBuilder, tiny_run
from tests.reports.sims_runs import SIMS_SPACE, generated, sims_rows, utterances


@pytest.fixture
def builder(tmp_path):
    """Two seeds of a cell with text labels of ten utterances: five of -1 and five of 0.4."""
    builder = LedgerBuilder(tmp_path / "run", "sims")
    utterances(builder, 10)
    for place, row in enumerate(builder.rows["utterances"]):
        row |= {"label": 0.2, "label_T": (-1.0, 0.4)[place % 2], "label_A": None, "label_V": None}
    for seed in (1, 2):
        builder.cell("baseline", seed, 0.5, best_epoch=1)
        key = builder.rows["trials"][-1]["key"]
        generated(builder, key, {1: {"T": [-2.0, 0.6] * 5}, 2: {"T": [0.0] * 10}})
    return builder


def figure(builder):
    (found,) = human_labels_figure(load_results(builder.write(SIMS_SPACE)))
    return found


def test_each_column_of_tiles_holds_the_shares_of_one_human_label(builder):
    """Labels of -2 count in the lowest tile, -1; a column without a human label is empty."""
    (panel,) = figure(builder).panels
    (tiles,) = (mark for mark in panel.marks if isinstance(mark, Tiles))
    values = np.array(tiles.values)
    assert values.shape == (11, 11)
    assert values[:, 0].tolist() == [0] * 10 + [1]  # the lowest tile is the last row
    assert values[:, 7].tolist() == [0, 0, 1] + [0] * 8  # 0.6 is the third from above
    assert np.isnan(np.delete(values, [0, 7], axis=1)).all()
    assert tiles.hover[2][7] == "human 0.4, generated about 0.6: 10 of 10"


def test_the_lines_are_the_identity_and_both_means_by_human_label(builder):
    (panel,) = figure(builder).panels
    lines = {mark.series: mark for mark in panel.marks if isinstance(mark, Line)}
    assert lines["equal labels"].x == [0, 10]
    assert lines["equal labels"].y == [10, 0]
    assert lines["multimodal human label, mean"].y == pytest.approx([4, 4])  # 0.2
    assert lines["generated label, mean"].x == [0, 7]
    assert lines["generated label, mean"].y == pytest.approx([10, 2])  # -2 at the end, 0.6
    assert lines["generated label, mean"].hover[0] == "human -1: generated label, mean -2.00"


def test_a_human_label_of_fewer_than_five_utterances_has_no_mean(builder):
    """However many seeds repeat them."""
    builder.rows["utterances"][0]["label_T"] = 0.4
    (panel,) = figure(builder).panels
    (line,) = (m for m in panel.marks if getattr(m, "series", "").startswith("generated"))
    assert line.x == [7]


def test_the_summary_says_what_one_sees(builder):
    """Generated labels are 1 and 0.2 away, the multimodal label 1.2 and 0.2."""
    summary = figure(builder).summary
    assert summary.startswith(
        "Text: generated labels lie 0.60 from the human label on average, the multimodal label "
        "0.70, so they are nearer to it; correlation 1.000 and same sign in 100.0 % against "
        "same sign in 50.0 %; where the human label is -1 they are -2.00 on "
        "average, where it is 0.4 they are 0.60."
    )
    assert summary.endswith("Means over 2 seeds, too few for a verdict (it needs 5).")


def test_every_modality_with_labels_has_a_panel_on_the_same_scale(tmp_path):
    found = figure(sims_rows(tmp_path))
    assert [panel.title for panel in found.panels] == ["text", "audio", "vision"]
    names = ["-1", "", "", "", "", "0", "", "", "", "", "1"]
    for panel in found.panels:
        assert (panel.x.categories, panel.y.categories) == (names, names[::-1])
    assert "verdict" not in found.summary


def test_labels_of_another_bound_have_its_scale(builder):
    own = {"name": "own", "label_bound": 5, "metrics": "regression"}
    results = load_results(builder.write({**SIMS_SPACE, "data": {"dataset": own}}))
    (found,) = human_labels_figure(results)
    assert found.panels[0].x.categories[::5] == ["-1", "0", "1"]  # trials have metrics of CH-SIMS
    for row in builder.rows["trials"]:
        for name in [name for name in row if name.endswith("_sims")]:
            del row[name]
    results = load_results(builder.write({**SIMS_SPACE, "data": {"dataset": own}}))
    (found,) = human_labels_figure(results)
    assert found.panels[0].x.categories[::5] == ["-5", "0", "5"]


def test_labels_that_are_not_finite_have_no_panel(builder):
    builder.rows["labels"][0]["labels"][3] = math.nan
    assert human_labels_figure(load_results(builder.write(SIMS_SPACE))) == ()


def test_without_human_labels_there_is_no_figure(tmp_path):
    assert human_labels_figure(load_results(tiny_run(tmp_path))) == ()
