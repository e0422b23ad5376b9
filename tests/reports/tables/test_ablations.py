import pytest

from reports.content.table import Missing, Text
from reports.ledger.reading.load import load_results
from reports.tables.ablations import ablations
from tests.reports.ledger_builder import SPACE, LedgerBuilder, continued, tiny_run


def built(folder):
    return {table.name: table for table in ablations(load_results(folder))}


@pytest.fixture
def tables(tmp_path):
    return built(tiny_run(tmp_path / "tiny"))


@pytest.fixture
def scores(tables):
    return tables["ablation_modules"]


def cell(table, row, name):
    place = [column.name for column in table.columns].index(name)
    return next(cells[place] for cells in table.rows if cells[0] == Text(row))


def notes(table):
    return {note.text: note.command for note in table.notes}


def test_the_scores_are_in_the_order_of_the_space_with_every_metric(scores):
    assert [row[0] for row in scores.rows] == [Text("baseline"), Text("remove MRM"), Text("LSTM")]
    assert [column.title for column in scores.columns] == [
        "cell", "seeds", "test MAE", "test Acc-2", "test Corr", "test F1", "test Acc-5",
        "test Acc-7",
    ]  # fmt: skip
    mae = cell(scores, "remove MRM", "test_mae")
    assert mae.summary.mean == pytest.approx(1.1)
    assert cell(scores, "remove MRM", "test_acc2").positive.summary.mean == pytest.approx(0.745)


def test_a_missing_cell_is_marked_and_never_filled(scores):
    assert cell(scores, "LSTM", "seeds") == Text("0 / 3")
    (lstm,) = (row for row in scores.rows if row[0] == Text("LSTM"))
    assert set(lstm[2:]) == {Missing("missing")}


def test_missing_seeds_are_named_with_the_command_that_fills_them(scores, tmp_path):
    text = "Missing seeds (remove MRM: 3; LSTM: 1, 2, 3) are not filled in. Run them with:"
    assert notes(scores)[text] == continued(tmp_path / "tiny")


def test_each_ablation_has_its_tables(tmp_path):
    space = {**SPACE, "ablations": {"tasks": {"M": {}}, "losses": {"L1": {}, "L2": {"a": 1}}}}
    builder = LedgerBuilder(tmp_path)
    builder.cell("M", 1, 0.9, group="tasks")
    tables = ablations(load_results(builder.write(space)))
    assert [table.title for table in tables] == [
        "Ablation: tasks",
        "Ablation: losses",
    ]


def test_cells_that_failed_and_cells_without_data_say_so(tmp_path):
    aligned = {"alignment": "aligned"}
    cells = {"text_only": {}, "broken": {"a": 1}, "aligned": aligned, "late": {"b": 1}}
    data = {"dataset": "mosi", "unaligned": "a.pkl", "aligned": None}
    builder = LedgerBuilder(tmp_path)
    builder.cell("text_only", 1, 0.9)
    for seed in (1, 2):
        builder.cell("broken", seed, 0.9, status="failed", changes={"a": 1})
    space = {**SPACE, "data": data, "seeds": [1, 2], "ablations": {"table 2": cells}}
    builder.rows["roles"] = [{**row, "group": "table 2"} for row in builder.rows["roles"]]
    table = built(builder.write(space))["ablation_table 2"]
    assert cell(table, "broken", "seeds") == Text("0 / 2, 2 failed")
    assert cell(table, "broken", "test_mae") == Missing("failed")
    assert cell(table, "aligned", "test_mae") == Missing("no data")
    assert cell(table, "late", "test_mae") == Missing("missing")
    assert list(notes(table).items())[2:] == [
        (
            "Not run, since the space names no aligned data: aligned. Add --data aligned=PATH to:",
            continued(tmp_path),
        ),
        ("Failed seeds (broken: 1, 2): see the table of failures.", None),
        (
            "Missing seeds (text_only: 2; late: 1, 2) are not filled in. Run them with:",
            continued(tmp_path),
        ),
    ]


def test_cells_on_different_data_are_pointed_out(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("baseline", 1, 0.9)
    builder.cell("LSTM", 1, 0.9, data_fingerprint="x", changes={"model.encoder.name": "lstm"})
    table = built(builder.write())["ablation_modules"]
    assert any("different data" in note.text for note in table.notes)
