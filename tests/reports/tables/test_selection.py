import math

import pytest

from reports.content.table import Text
from reports.ledger.reading.load import load_results
from reports.tables.confirmed import confirmed
from reports.tables.leaderboard import leaderboard
from tests.reports.ledger_builder import LedgerBuilder

SELECTION = "confirmed_selection"


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def numbers(row):
    """Return the score of the chosen one, the best and the gain."""
    return [cell.value for cell in (row[1], row[2], row[4])]


def selections(builder):
    tables = confirmed(load_results(builder.write()))
    return [table for table in tables if table.name == SELECTION]


def test_the_gain_of_choosing_a_trial_on_test_is_stated_for_each_metric(builder):
    """Trial 1 leads on validation with test MAE 0.9; trial 0 has the best test MAE, 0.7."""
    builder.searched(0, 0.8, test=0.7)
    builder.searched(1, 0.6, test=0.9)
    builder.searched(2, 0.5, status="stopped")
    selection = leaderboard(load_results(builder.write()))[1]
    assert numbers(selection.rows[0]) == pytest.approx([0.9, 0.7, 0.2])
    assert selection.rows[0][3] == Text("0")
    assert "trial 1, first of the leaderboard" in selection.notes[0].text
    assert "among the 2 finished trials" in selection.notes[0].text


def test_without_a_finished_trial_nothing_is_said_of_selection(builder):
    builder.searched(0, 0.5, status="stopped")
    assert [table.name for table in leaderboard(load_results(builder.write()))] == ["leaderboard"]


def test_a_single_finished_trial_has_nothing_to_be_chosen_from(builder):
    builder.searched(0, 0.5, test=0.6)
    builder.searched(1, 0.7, status="stopped")
    assert [table.name for table in leaderboard(load_results(builder.write()))] == ["leaderboard"]


def test_the_gain_among_confirmed_configurations_is_that_of_their_means(builder):
    """The second leads on validation; mean test MAEs are 0.7, 0.8 and, of one seed alone, 0.1."""
    for rank, valid, tests in ((0, 0.9, (0.6, 0.8)), (1, 0.8, (0.7, 0.9)), (2, 0.1, (0.1,))):
        for seed, test in enumerate(tests, start=1):
            builder.confirmed(f"s{rank}", rank, seed, valid, test)
    (table,) = selections(builder)
    assert [row[0].text for row in table.rows][:2] == ["MAE", "Corr"]
    assert numbers(table.rows[0]) == pytest.approx([0.8, 0.7, 0.1])
    assert [row[3] for row in table.rows] == [Text("1")] * 4
    assert numbers(table.rows[1]) == pytest.approx([1 - 0.8 / 3, 1 - 0.7 / 3, 0.1 / 3])
    text = table.notes[0].text
    assert "configuration 2." in text
    assert "among the 2 configurations with as many finished seeds as the chosen one (2)" in text


def test_the_chosen_one_that_is_best_on_test_too_gains_nothing(builder):
    for rank, mae in ((0, 0.7), (1, 0.8)):
        builder.confirmed(f"s{rank}", rank, 1, mae, mae)
    (table,) = selections(builder)
    assert numbers(table.rows[0]) == [0.7, 0.7, 0.0]
    assert table.rows[0][3] == Text("1 (chosen)")


def test_a_rival_of_undefined_scores_is_never_the_best(builder):
    builder.confirmed("s0", 0, 1, 0.7, 0.7)
    builder.confirmed("s1", 1, 1, 0.8, 0.1, test_mae=math.nan)
    (table,) = selections(builder)
    assert numbers(table.rows[0]) == [0.7, 0.7, 0.0]


def test_a_configuration_alone_has_nothing_to_be_chosen_from(builder):
    builder.confirmed("s0", 0, 1, 0.7, 0.7)
    builder.confirmed("s0", 0, 2, 0.7, 0.7)
    builder.confirmed("s1", 1, 1, 0.6, 0.6)
    assert selections(builder) == []
