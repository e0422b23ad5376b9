import json

from pyarrow import parquet

from reports.content.table import Text
from reports.ledger.reading.load import load_results
from reports.render.cell_text import cell_text
from reports.render.terminal import terminal_table
from reports.tables.summary import failures, summary
from tests.reports.ledger_builder import COMMAND, LedgerBuilder, continued, tiny_run


def items(folder):
    (table,) = summary(load_results(folder))
    return {row[0].text: row[1] for row in table.rows}


def test_the_summary_says_what_the_run_was_and_came_to(tmp_path):
    found = items(tiny_run(tmp_path / "tiny"))
    assert cell_text(found["run"]) == "tiny"
    assert cell_text(found["trials"]) == "10 finished, 1 stopped, 1 failed"
    assert cell_text(found["data fingerprint"]) == "d0d0"
    assert cell_text(found["computing time of all trials"]) == "0.12 h"
    assert cell_text(found["test MAE of the chosen configuration"]) == "0.990 ± 0.028"
    assert cell_text(found["its seeds, finished / planned"]) == "2 / 2"
    assert cell_text(found["the search's best over fresh seeds"]) == (
        "The search's best valid/mae was 0.800 with one seed; over 2 fresh seeds the same "
        "configuration has 0.830: 0.030 worse. Both are from few seeds."
    )
    assert found["repeat or continue with"] == Text(continued(tmp_path / "tiny"), code=True)


def test_the_command_is_shown_however_long_the_summary_is(tmp_path):
    folder = tiny_run(tmp_path / "tiny")
    record = json.loads((folder / "experiment.json").read_text())
    record["versions"] *= 3
    (folder / "experiment.json").write_text(json.dumps(record))
    (table,) = summary(load_results(folder))
    assert len(table.rows) > 15
    assert COMMAND in terminal_table(table)


def test_damaged_parts_are_named_under_the_summary(tmp_path):
    folder = tiny_run(tmp_path / "tiny")
    (folder / "trials" / "cut.parquet").write_bytes(b"PAR1")
    (table,) = summary(load_results(folder))
    assert "left out the damaged part trials/cut.parquet" in table.notes[-1].text


def test_failures_are_listed_with_kind_message_and_role(tmp_path):
    (table,) = failures(load_results(tiny_run(tmp_path / "tiny")))
    ((trial, _, kind, message, _, key),) = table.rows
    assert [trial, kind, key] == [Text("search 3"), Text("nan"), Text("s3")]
    assert message == Text("loss is NaN\nin epoch 2 | of 5")


def test_a_failed_cell_is_called_by_its_ablation(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("LSTM", 1, 0.9, status="failed", failure="oom")
    (table,) = failures(load_results(builder.write()))
    assert table.rows[0][0] == Text("ablation modules LSTM")


def test_without_failures_there_is_no_table(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0)
    assert failures(load_results(builder.write())) == ()


def test_what_stands_behind_the_scores_of_the_chosen_one_is_explained(tmp_path):
    (table,) = summary(load_results(tiny_run(tmp_path / "tiny")))
    text = table.notes[0].text
    assert "mean ± standard deviation (n - 1) over its finished seeds" in text
    assert "Acc-2 in percent, negative / non-negative, then" in text
    builder = LedgerBuilder(tmp_path / "searched")
    builder.searched(0, 0.9)
    assert summary(load_results(builder.write()))[0].notes == ()


def test_parts_without_checksums_are_counted_under_the_summary(tmp_path):
    folder = tiny_run(tmp_path)
    for part in folder.glob("*/part.parquet"):
        parquet.write_table(parquet.read_table(part), part)
    results = load_results(folder)
    (table,) = summary(results)
    assert table.notes[-1].text.startswith("Attention: 3 parts were written without checksums")


def test_a_failure_of_an_earlier_winners_confirmation_is_marked(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for number, mae in enumerate((0.8, 0.9, 0.7)):
        builder.searched(number, mae)
    for rank, of in enumerate(("s0", "s1")):
        builder.confirmed(of, rank, 1, 0.4, 0.25)
        builder.confirmed(of, rank, 2, 0.4, 0.25, status="failed", failure="crash")
    (table,) = failures(load_results(builder.write()))
    assert [row[0] for row in table.rows] == [
        Text("confirm 1 (chosen)"),
        Text("confirm 2, no longer chosen"),
    ]
