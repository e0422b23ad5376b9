import json

import pytest

from reports.content.mark import Look
from reports.figures.slices import slices
from reports.ledger.reading.load import load_results
from tests.reports.ledger_builder import LedgerBuilder, tiny_run

PARAMETERS = {
    "a.rate": {"low": 1e-5, "high": 1e-3, "log": True},
    "a.kind": {"choice": ["spt", "lstm"]},
    "a.heads": {"low": 1, "high": 4, "when": {"a.kind": ["spt"]}},
}


def space(parameters=PARAMETERS):
    search = {"objective": {"metric": "valid/mae", "mode": "min"}, "parameters": parameters}
    return {"name": "s", "data": {"dataset": "mosi"}, "search": search}


@pytest.fixture
def builder(tmp_path):
    builder = LedgerBuilder(tmp_path)
    config = json.dumps({"a": {"rate": 1e-4, "kind": "lstm", "heads": 2}})
    builder.searched(0, 0.9, config=config)
    builder.searched(1, 0.7, changes={"a.rate": 2e-4, "a.kind": "spt", "a.heads": 3})
    builder.searched(2, 0.8, changes={"a.rate": 4e-4, "a.kind": "lstm"}, status="stopped")
    builder.searched(3, status="failed", failure="nan", changes={"a.rate": 5e-4})
    return builder


def points(figure):
    """Return for each panel by series the pairs of value and objective."""
    return [
        {mark.series: list(zip(mark.x, mark.y, strict=True)) for mark in panel.marks}
        for panel in figure.panels
    ]


def test_every_trial_with_a_value_stands_at_its_value(builder):
    (figure,) = slices(load_results(builder.write(space())))
    rate, kind, heads = points(figure)
    assert rate == {"finished": [(1e-4, 0.9)], "stopped": [(4e-4, 0.8)], "best": [(2e-4, 0.7)]}
    assert heads == {"best": [(3.0, 0.7)]}  # the others are LSTMs
    assert kind["best"][0] == (pytest.approx(0, abs=0.18), 0.7)
    assert kind["finished"][0] == (pytest.approx(1, abs=0.18), 0.9)
    assert [panel.x.title for panel in figure.panels] == ["rate", "kind", "heads"]
    assert [panel.x.log for panel in figure.panels] == [True, False, False]
    assert figure.panels[1].x.categories == ("spt", "lstm")


def test_a_null_that_a_configuration_leaves_out_has_its_place_and_what_has_no_effect_has_none(
    tmp_path,
):
    """Neither trial records the option: it is null in trial 0, and LSTMs lack the other one."""
    builder = LedgerBuilder(tmp_path)
    parameters = {
        "a.kind": {"choice": ["spt", "lstm"]},
        "a.lora": {"choice": [None, {"rank": 4}]},
        "a.extra": {"choice": [None, 1], "when": {"a.kind": ["spt"]}},
    }
    config = json.dumps({"a": {"kind": "lstm"}})
    builder.searched(0, 0.7, config=config)
    builder.searched(1, 0.9, config=config, changes={"a.kind": "lstm", "a.lora": {"rank": 4}})
    (figure,) = slices(load_results(builder.write(space(parameters))))
    _, lora, extra = points(figure)
    assert [round(x) for marks in (lora["best"], lora["finished"]) for x, _ in marks] == [0, 1]
    assert extra == {}
    assert "with kind lstm, lora null" in figure.summary


def test_stopped_and_finished_trials_are_distinguished_without_colour(builder):
    (figure,) = slices(load_results(builder.write(space())))
    marks = {mark.series: mark for mark in figure.panels[0].marks}
    assert len({mark.marker for mark in marks.values()}) == 3
    assert marks["best"].look is Look.STRONG
    assert marks["stopped"].hover == ["trial 2, stopped: 0.8 at 0.0004"]


def test_summary_and_notes_count_the_trials(builder):
    (figure,) = slices(load_results(builder.write(space())))
    assert figure.summary == (
        "Validation MAE of 2 finished trials and 1 stopped early by the value of 3 parameters. "
        "The best, trial 1, has 0.7 with rate 0.0002, kind spt, heads 3."
    )
    assert "n = 3 trials; 1 without a value." in figure.notes[0]


def test_without_a_finished_trial_none_is_called_the_best(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.9, changes={"a.rate": 1e-4}, status="stopped")
    (figure,) = slices(load_results(builder.write(space())))
    assert set(points(figure)[0]) == {"stopped"}
    assert "none of them ran to its end" in figure.summary


@pytest.mark.slow
def test_many_trials_are_thinned_and_the_best_kept(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for number in range(2000):
        changes = {"a.rate": 1e-5 * (1 + number % 90), "a.kind": "lstm", "a.heads": 1}
        builder.searched(number, 0.5 + number / 1000, changes=changes)
    (figure,) = slices(load_results(builder.write(space())))
    drawn = [point for mark in figure.panels[0].marks for point in mark.y]
    assert len(drawn) == 233  # 700 points over three panels
    assert {0.5 + number / 1000 for number in range(20)} <= set(drawn)
    assert max(drawn) == 0.5 + 1999 / 1000
    assert "n = 2000 trials, 233 of them drawn" in figure.notes[0]


def test_nine_parameters_are_shown_at_most(tmp_path):
    builder = LedgerBuilder(tmp_path)
    names = [f"a.option{number}" for number in range(12)]
    builder.searched(0, 0.9, changes=dict.fromkeys(names, 0.5))
    given = {name: {"low": 0.0, "high": 1.0} for name in names}
    (figure,) = slices(load_results(builder.write(space(given))))
    assert [panel.x.title for panel in figure.panels] == [f"option{n}" for n in range(9)]
    assert any("3 more are left out" in note for note in figure.notes)


def test_nothing_is_shown_where_nothing_was_searched(tmp_path):
    builder = LedgerBuilder(tmp_path / "cells")
    builder.cell("baseline", 1, 0.9)
    assert slices(load_results(builder.write())) == ()
    builder = LedgerBuilder(tmp_path / "failed")
    builder.searched(0, status="failed", failure="oom")
    assert slices(load_results(builder.write())) == ()


def test_the_tiny_run_has_a_panel_a_parameter(tmp_path):
    (figure,) = slices(load_results(tiny_run(tmp_path)))
    assert [panel.x.title for panel in figure.panels] == ["learning_rate.text", "batch_size"]
    assert figure.columns == 2


def test_a_configuration_without_all_seeds_is_neither_finished_nor_the_best(tmp_path):
    """Its value is that of one lucky seed; the best has the lowest mean over both."""
    builder = LedgerBuilder(tmp_path)
    for number, mae in enumerate((0.9, 0.7, 0.4)):
        builder.searched(number, mae, changes={"a.rate": 1e-4 * (number + 1), "a.kind": "lstm"})
    described = space()
    described["search"] |= {"seed": 1110, "seeds": [1110, 8]}
    (figure,) = slices(load_results(builder.write(described)))
    assert set(points(figure)[0]) == {"some seeds"}
    assert "none of them ran to its end" in figure.summary
    for number, mae in enumerate((0.7, 0.7)):
        builder.other_seed(number, 8, mae)
    (figure,) = slices(load_results(builder.write(described)))
    assert points(figure)[0] == {
        "finished": [(1e-4, pytest.approx(0.8))],
        "some seeds": [(pytest.approx(3e-4), 0.4)],
        "best": [(2e-4, 0.7)],
    }
    assert "2 finished trials, 1 with some seeds alone" in figure.summary
