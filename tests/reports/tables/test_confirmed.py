import json

import pytest

from reports.content.table import Dual, Missing, Number, Spread, Style, Text
from reports.ledger.reading.load import load_results
from reports.tables.confirmed import confirmed
from tests.reports.ledger_builder import SPACE, LedgerBuilder, continued, tiny_run


@pytest.fixture
def tables(tmp_path):
    built = confirmed(load_results(tiny_run(tmp_path / "tiny")))
    return {table.name: table for table in built}


def row(table, *labels):
    return next(row for row in table.rows if all(Text(label) in row for label in labels))


def cell(table, name, *labels):
    return row(table, *labels)[[column.name for column in table.columns].index(name)]


def test_mean_and_deviation_are_over_the_seeds(tables):
    """Test MAEs 0.97 and 1.01: mean 0.99, deviation 0.04 / sqrt 2 = 0.0283."""
    found = cell(tables["confirmed"], "mae", "1 (chosen)", "test")
    assert isinstance(found, Spread)
    assert found.summary.mean == pytest.approx(0.99)
    assert found.summary.deviation == pytest.approx(0.0282843, abs=1e-6)
    assert cell(tables["confirmed"], "seeds", "1 (chosen)", "test") == Text("2 / 2")
    assert cell(tables["confirmed"], "trial", "1 (chosen)", "test") == Text("1")


def test_acc2_and_f1_are_both_ways(tables):
    for name in ("acc2", "f1"):
        assert isinstance(cell(tables["confirmed"], name, "2", "valid"), Dual)


def test_the_published_row_stands_beside(tables):
    assert cell(tables["confirmed"], "mae", "published") == Number(0.703, Style.SCORE)


def test_missing_runs_come_with_the_command_that_fills_them(tables, tmp_path):
    notes = {note.text: note.command for note in tables["confirmed"].notes}
    assert notes["Missing runs: 1. Run them with:"] == continued(tmp_path / "tiny")


def test_other_data_have_no_published_row(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s0", 0, 1, 0.8, 0.9)
    space = {**SPACE, "data": {"dataset": "synthetic"}}
    overview, intervals, _ = confirmed(load_results(builder.write(space)))
    assert len(overview.rows) == 2
    assert not [note for note in overview.notes if "Published" in note.text]
    place = [column.name for column in intervals.columns].index("published")
    assert all(row[place] == Missing() for row in intervals.rows)


@pytest.mark.parametrize("streams", [["text", "audio", "vision"], ["text", "audio"]])
def test_a_configuration_that_leaves_a_stream_out_has_no_published_row(tmp_path, streams):
    builder = LedgerBuilder(tmp_path)
    for rank, read in enumerate((["text", "audio", "vision"], streams)):
        config = json.dumps({"model": {"modalities": read}})
        builder.confirmed(f"s{rank}", rank, 1, 0.8, 0.9)
        builder.rows["trials"][-1]["config"] = config
    overview = confirmed(load_results(builder.write()))[0]
    notes = [note.text for note in overview.notes]
    whole = streams == ["text", "audio", "vision"]
    assert (len(overview.rows) == 5) is whole
    assert any(note.startswith("Published: Table 2") for note in notes) is whole
    assert (
        any("for configuration 2, which leaves out vision" in note for note in notes) is not whole
    )


def test_failed_seeds_are_counted(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s0", 0, 1, 0.8, 0.9)
    builder.confirmed("s0", 0, 2, 0.8, 0.9, status="failed")
    overview = confirmed(load_results(builder.write()))[0]
    assert cell(overview, "seeds", "1 (chosen)", "test") == Text("1 / 2, 1 failed")


def test_without_a_confirmation_there_is_no_table(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0)
    assert confirmed(load_results(builder.write())) == ()
