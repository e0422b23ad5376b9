import pytest

from reports.content.table import Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.tables.pareto import pareto
from tests.reports.ledger_builder import SPACE, LedgerBuilder

TWO = [
    {"metric": "valid/mae", "mode": "min"},
    {"metric": "cost/inference_seconds", "mode": "min"},
]


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def built(builder, objective=TWO):
    search = {**SPACE["search"], "objective": objective}
    return pareto(load_results(builder.write({**SPACE, "search": search})))


def test_it_shows_who_is_beaten_by_nobody_the_most_accurate_first(builder):
    """Trial 1 is slower and worse than trial 0; trial 2 is the fastest, trial 3 the best."""
    for number, (mae, seconds) in enumerate([(0.8, 2.0), (0.9, 3.0), (1.0, 1.0), (0.7, 9.0)]):
        builder.searched(number, mae, inference_seconds=seconds, changes={"x": number})
    builder.searched(4, 0.1, status="stopped", inference_seconds=0.1)
    (table,) = built(builder)
    assert [row[0] for row in table.rows] == [Text("3"), Text("0"), Text("2")]
    assert table.rows[0][1:3] == (Number(0.7, Style.SCORE), Number(9.0, Style.GENERAL))
    assert [column.name for column in table.columns[:3]] == [
        "trial",
        "valid_mae",
        "inference_seconds",
    ]
    place = [column.name for column in table.columns].index("x")
    assert table.rows[0][place] == Number(3, Style.INTEGER)
    assert table.notes[0].text.startswith("3 of 4 finished trials")
    assert "measured" in table.notes[1].text


def test_a_trial_without_a_value_for_an_objective_is_left_out(builder):
    builder.searched(0, 0.8, inference_seconds=2.0)
    builder.searched(1, 0.1)
    (table,) = built(builder)
    assert [row[0] for row in table.rows] == [Text("0")]


def test_it_shows_no_test_metric(builder):
    builder.searched(0, 0.8, test=0.12345, inference_seconds=2.0)
    (table,) = built(builder)
    assert 0.12345 not in [cell.value for cell in table.rows[0] if isinstance(cell, Number)]


def test_one_objective_has_no_such_table(builder):
    builder.searched(0, 0.8)
    assert built(builder, SPACE["search"]["objective"]) == ()
    assert built(builder, [SPACE["search"]["objective"]]) == ()


def test_a_search_without_a_finished_trial_has_no_such_table(builder):
    builder.searched(0, status="failed", failure="nan", message="m")
    assert built(builder) == ()
