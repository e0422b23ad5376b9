import json
import math

import pytest

from reports.content.mark import Line, Look, Points, Rule
from reports.figures.learning_curves import learning_curves
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

SCHEDULER = {"name": "asha", "min_epochs": 2, "reduction": 2}
CONFIG = json.dumps({"training": {"max_epochs": 9}})


def space(**scheduler):
    return {**SPACE, "search": {**SPACE["search"], "scheduler": scheduler or SCHEDULER}}


def epochs(builder, key, values):
    """Add a row an epoch to the ledger, the last one first."""
    rows = [{"key": key, "epoch": at, "valid_mae": v} for at, v in enumerate(values, start=1)]
    builder.rows["epochs"] += reversed(rows)


@pytest.fixture
def builder(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for number in range(7):
        builder.searched(number, 0.5 + number / 10, config=CONFIG)
        epochs(builder, f"s{number}", [1.0, 0.5 + number / 10])
    builder.searched(7, 1.4, status="stopped", config=CONFIG)
    epochs(builder, "s7", [1.5, 1.4])
    builder.searched(8, status="failed", failure="nan", config=CONFIG)
    epochs(builder, "s8", [1.7, math.nan])
    builder.searched(9, status="failed", failure="oom", config=CONFIG)
    return builder


def marks(figure, kind, panel=0):
    return [mark for mark in figure.panels[panel].marks if isinstance(mark, kind)]


def test_the_best_five_stand_out_from_the_others(builder):
    figure, *_ = learning_curves(load_results(builder.write(space())))
    lines = marks(figure, Line)
    strong = [line for line in lines if line.look is Look.STRONG]
    assert [line.series for line in strong] == [f"trial {number}" for number in range(5)]
    assert (strong[0].x, strong[0].y) == ([1.0, 2.0], [1.0, 0.5])
    assert strong[0].hover[1] == "trial 0, seed 1110, epoch 2: 0.5"
    faint = [line.y for line in lines if line.look is Look.FAINT and line.y]
    assert len(faint) == 4
    assert not any(line.series for line in lines if line.look is Look.FAINT)


def test_trials_that_ended_early_end_in_a_sign(builder):
    """The failed one at its last value that is a number."""
    figure, *_ = learning_curves(load_results(builder.write(space())))
    stopped, failed = marks(figure, Points)
    assert (stopped.series, stopped.x, stopped.y) == ("stopped", [2.0], [1.4])
    assert stopped.hover == ["trial 7, stopped after epoch 2: 1.4"]
    assert (failed.series, failed.x, failed.y) == ("failed", [1.0], [1.7])
    assert failed.hover == ["trial 8, failed nan after epoch 2: 1.7"]
    assert stopped.marker != failed.marker


def test_rungs_stand_where_the_scheduler_judges(builder):
    """2, 4, 8 by doubling; 16 lies beyond the 9 epochs of a trial."""
    folder = builder.write(space())
    figure, *_ = learning_curves(load_results(folder))
    assert [rule.x for rule in marks(figure, Rule)] == [2, 4, 8]
    builder.write(space(name="median", min_epochs=2))
    figure, *_ = learning_curves(load_results(folder))
    assert marks(figure, Rule) == []


def test_summary_and_notes_count_the_trials(builder):
    figure, *_ = learning_curves(load_results(builder.write(space())))
    assert figure.summary == (
        "10 trials: 7 ran to their end, 1 were stopped early, 2 failed. The best, trial 0, has "
        "validation MAE 0.5 at its best epoch."
    )
    assert "n = 10 trials." in figure.notes[0]
    assert "before their first epoch: 1." in figure.notes[1]
    assert "asha" in figure.notes[2]


def test_confirmed_seeds_stand_beside_under_the_name_of_their_trial(builder):
    for rank, of in enumerate(("s0", "s1")):
        for seed in (1, 2):
            builder.confirmed(of, rank, seed, 0.9 - rank / 10, 1.0)
            epochs(builder, f"c{rank}-{seed}", [1.0, 0.9 - rank / 10])
    figure, *_ = learning_curves(load_results(builder.write(space())))
    found = [(line.series, line.look, line.y[-1]) for line in marks(figure, Line, panel=1)]
    assert found == [
        ("trial 0", Look.NORMAL, 0.9), ("trial 0", Look.NORMAL, 0.9),
        ("trial 1", Look.STRONG, 0.8), ("trial 1", Look.STRONG, 0.8),
    ]  # fmt: skip
    assert figure.columns == 2


def test_many_trials_are_thinned(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for number in range(200):
        builder.searched(number, 0.5 + number / 100, config=CONFIG)
        epochs(builder, f"s{number}", [2.6, 0.5 + number / 100])
    figure, *_ = learning_curves(load_results(builder.write(space())))
    lines = marks(figure, Line)
    assert len(lines) == 65
    assert max(line.y[-1] for line in lines) == 0.5 + 199 / 100
    assert "65 of them drawn" in figure.notes[0]


def test_hover_texts_are_left_out_where_they_are_too_many(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.5, config=CONFIG)
    epochs(builder, "s0", [0.5] * 701)
    figure, *_ = learning_curves(load_results(builder.write(space())))
    assert marks(figure, Line)[0].hover == ()


def test_nothing_is_shown_where_no_epoch_is_recorded(tmp_path):
    assert learning_curves(load_results(tiny_run(tmp_path))) == ()


def test_a_run_without_a_defined_value_has_no_figure(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for number in range(3):
        builder.searched(number, math.nan, config=CONFIG)
        epochs(builder, f"s{number}", [math.nan, math.nan])
    builder.cell("baseline", 1, math.nan)
    epochs(builder, builder.rows["trials"][-1]["key"], [math.nan])
    assert learning_curves(load_results(builder.write(space()))) == ()


def test_trials_on_earlier_data_do_not_stand_out_as_the_best(tmp_path):
    """One trial has finished on the newest data; one was stopped there and is drawn once."""
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.1, config=CONFIG, data_fingerprint="earlier")
    builder.searched(1, 0.9, config=CONFIG)
    builder.searched(2, 1.4, status="stopped", config=CONFIG)
    for number, mae in enumerate((0.1, 0.9, 1.4)):
        epochs(builder, f"s{number}", [1.5, mae])
    figure, *_ = learning_curves(load_results(builder.write(space())))
    lines = [line for line in marks(figure, Line) if line.y]
    assert [line.series for line in lines if line.look is Look.STRONG] == ["trial 1"]
    assert sorted(line.y[-1] for line in lines) == [0.1, 0.9, 1.4]
