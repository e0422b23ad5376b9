import pytest

from reports.load import load_results
from reports.table import Missing, Number, Spread, Style, Text
from reports.tables.ablations import ablations
from tests.reports.ledger_builder import COMMAND, SPACE, LedgerBuilder, tiny_run


@pytest.fixture
def table(tmp_path):
    (table,) = ablations(load_results(tiny_run(tmp_path / "tiny")))
    return table


def cell(table, row, name):
    place = [column.name for column in table.columns].index(name)
    return next(cells[place] for cells in table.rows if cells[0] == Text(row))


def test_differences_are_paired_by_seed(table):
    """Seeds 1 and 2 are common: 1.0 - 0.9 = 0.1 and 1.2 - 1.0 = 0.2, mean 0.15."""
    difference = cell(table, "remove MRM", "mae_difference")
    assert isinstance(difference, Spread)
    assert difference.summary.mean == pytest.approx(0.15)
    assert difference.summary.deviation == pytest.approx(0.1 / 2**0.5)
    assert cell(table, "remove MRM", "pairs") == Number(2, Style.INTEGER)


def test_acc2_differences_are_both_ways(table):
    """Acc-2 is 1 - MAE / 4 here, so its difference is -0.15 / 4."""
    difference = cell(table, "remove MRM", "acc2_difference")
    assert difference.nonnegative.summary.mean == pytest.approx(-0.0375)
    assert difference.positive.summary.mean == pytest.approx(-0.0375)


def test_a_missing_cell_is_marked_and_never_filled(table):
    assert cell(table, "LSTM", "seeds") == Text("0 / 3")
    (lstm,) = (row for row in table.rows if row[0] == Text("LSTM"))
    assert set(lstm[2:]) == {Missing("missing")}


def test_missing_seeds_are_named_with_the_command_that_fills_them(table):
    notes = {note.text: note.command for note in table.notes}
    text = "Missing seeds (remove MRM: 3; LSTM: 1, 2, 3) are not filled in. Run them with:"
    assert notes[text] == COMMAND


def test_the_baseline_has_no_difference_to_itself(table):
    assert cell(table, "baseline", "mae_difference") == Missing("baseline")


def test_each_ablation_has_its_table(tmp_path):
    space = {**SPACE, "ablations": {"tasks": {"M": {}}, "losses": {"L1": {}, "L2": {"a": 1}}}}
    builder = LedgerBuilder(tmp_path)
    builder.cell("M", 1, 0.9, group="tasks")
    tables = ablations(load_results(builder.write(space)))
    assert [table.title for table in tables] == ["Ablation: tasks", "Ablation: losses"]


def test_cells_on_different_data_are_pointed_out(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("baseline", 1, 0.9)
    builder.cell("LSTM", 1, 0.9, data_fingerprint="x", changes={"model.encoder.name": "lstm"})
    (table,) = ablations(load_results(builder.write()))
    assert any("different data" in note.text for note in table.notes)
