import json

import numpy as np
import pytest

from reports.content.mark import Band, Line, Rule
from reports.figures.label_history import label_history
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import LedgerBuilder, tiny_run

SUGRM = json.dumps({"objective": {"labels": {"name": "sugrm", "first_epoch": 2}}})
AT_ONCE = json.dumps({"objective": {"labels": {"name": "sugrm", "first_epoch": 1}}})
NO_LABELS = json.dumps({"objective": {"labels": {"name": "none"}}})
HUMAN = [-2.0, -1.0, 0.0, 1.0, 2.0]


def labelled(builder, key, epochs, tasks="TAV"):
    """Add labels of every task: the human ones at epoch 1, then these plus the epoch."""
    for epoch in range(epochs, 0, -1):
        shift = 0.0 if epoch == 1 else epoch
        builder.rows["labels"] += [
            {"key": key, "epoch": epoch, "task": task, "labels": [v + shift for v in HUMAN]}
            for task in tasks
        ]


def cell(builder, name, seed, config, epochs, **values):
    builder.cell(name, seed, 0.9, config=config, **values)
    key = builder.rows["trials"][-1]["key"]
    if epochs:
        labelled(builder, key, epochs)
    return key


def of_series(panel, series, kind):
    return [mark for mark in panel.marks if isinstance(mark, kind) and mark.series == series]


@pytest.fixture
def figure(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, "baseline", 2, SUGRM, 3)
    cell(builder, "baseline", 1, SUGRM, 3, best_epoch=3)
    (figure,) = label_history(load_results(builder.write()))
    return figure


def test_bands_are_quantiles_of_the_labels_by_epoch(figure):
    """Of -2..2 plus a shift: median 0, quarters at -1 and 1, 5 % at -1.8 (between -2 and -1)."""
    assert [panel.title for panel in figure.panels] == ["text", "audio", "vision"]
    wide, narrow = of_series(figure.panels[0], "generated", Band)
    (median,) = of_series(figure.panels[0], "generated", Line)
    assert median.x == [1.0, 2.0, 3.0]
    assert median.y == [0.0, 2.0, 3.0]
    assert narrow.low == [-1.0, 1.0, 2.0]
    assert narrow.high == [1.0, 3.0, 4.0]
    assert wide.low == pytest.approx(np.quantile(HUMAN, 0.05) + np.array([0, 2, 3]))
    assert wide.high == pytest.approx(np.array([1.8, 3.8, 4.8]))
    assert median.hover[1] == "epoch 2: median 2.00, half in 1.00 to 3.00, 90 % in 0.20 to 3.80"


def test_the_human_label_stands_before_the_first_epoch(figure):
    wide, _ = of_series(figure.panels[1], "human label", Band)
    (median,) = of_series(figure.panels[1], "human label", Line)
    assert (median.x, median.y) == ([-0.4, 0.4], [0.0, 0.0])
    assert wide.high == pytest.approx([1.8, 1.8])


def test_the_figure_says_what_it_shows(figure):
    assert figure.notes[0].startswith(
        "Setting: baseline of the ablation modules; seed 1 only, its first. Training split, n = 5 "
    )
    assert "Generation begins in epoch 2" in figure.notes[1]
    assert figure.summary == (
        "Generated labels after epoch 3, "
        + "; ".join(
            f"{name}: median 3.00, half in 2.00 to 4.00, 90 % in 1.20 to 4.80"
            for name in ("text", "audio", "vision")
        )
        + ". Human label: median 0.00, half in -1.00 to 1.00, 90 % in -1.80 to 1.80."
    )
    assert Rule(x=3.0, text="best") in figure.panels[0].marks


def test_the_chosen_configuration_comes_first(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.8)
    builder.confirmed("s0", 0, 2, 0.8, 0.9)
    labelled(builder, "c0-2", 2, tasks="A")
    cell(builder, "baseline", 1, SUGRM, 3)
    (figure,) = label_history(load_results(builder.write()))
    assert figure.notes[0].startswith(
        "Setting: confirmed configuration 1, chosen on validation; seed 2 "
    )
    assert [panel.title for panel in figure.panels] == ["audio"]


def test_settings_that_generate_no_labels_are_passed_over(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, "baseline", 1, NO_LABELS, 2)
    changes = {"model.recalibration": "none"}
    cell(builder, "remove MRM", 1, SUGRM, 2, changes=changes)
    (figure,) = label_history(load_results(builder.write()))
    assert figure.notes[0].startswith("Setting: remove MRM of the ablation modules; seed 1 ")


def test_recorded_human_labels_are_taken_before_others(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, "baseline", 1, AT_ONCE, 2)
    builder.rows["utterances"] = [
        {"data_fingerprint": data, "alignment": "unaligned", "split": split, "label": label}
        | {"position": position, "id": str(position)}
        for data, split, label in (("d0d0", "train", 1.0), ("d0d0", "test", 2.0), ("e", "train", 3))
        for position in range(4)
    ]
    (figure,) = label_history(load_results(builder.write()))
    assert of_series(figure.panels[0], "human label", Line)[0].y == [1.0, 1.0]


def test_an_unknown_human_label_is_called_missing(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, "baseline", 1, AT_ONCE, 2)
    (figure,) = label_history(load_results(builder.write()))
    assert not of_series(figure.panels[0], "human label", Line)
    assert figure.notes[-1] == "The human label of the training split is not recorded in this run."


def test_labels_that_are_no_number_are_left_out(tmp_path):
    builder = LedgerBuilder(tmp_path)
    key = cell(builder, "baseline", 1, AT_ONCE, 0)
    builder.rows["labels"] = [
        {"key": key, "epoch": 1, "task": "T", "labels": [1.0, float("nan"), 3.0]},
        {"key": key, "epoch": 2, "task": "T", "labels": [float("nan")]},
    ]
    (figure,) = label_history(load_results(builder.write()))
    median = of_series(figure.panels[0], "generated", Line)[0].y
    assert median[0] == 2.0
    assert np.isnan(median[1])


def test_nothing_is_shown_where_no_labels_are_recorded(tmp_path):
    assert label_history(load_results(tiny_run(tmp_path))) == ()
