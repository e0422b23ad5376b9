from reports.content.table import Text
from reports.ledger.reading.load import load_results
from reports.render.cell_text import cell_text
from reports.tables.runs import runs_table
from reports.tables.summary import summary
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


def test_every_run_has_a_row_with_what_repeats_it(usual_runs):
    bare = LedgerBuilder(usual_runs / "bare")
    bare.searched(0, ended_at=None)
    runs = [load_results(tiny_run(usual_runs / "tiny")), load_results(bare.write(space=None))]
    rows = [[cell_text(cell) for cell in row] for row in runs_table(runs).rows]
    assert rows[0][0:3] == ["tiny", "mosi", "10 finished, 1 stopped, 1 failed"]
    assert rows[0][4:] == ["abc123 with changes", "d0d0", "sugrm-search run spaces/demo.yaml"]
    assert rows[1] == ["bare", "not recorded", "1 finished", "not recorded", *rows[1][4:]]
    assert rows[1][4:] == ["not recorded", "d0d0", "not recorded"]


def test_runs_of_one_name_are_distinguished_by_their_folders(tmp_path):
    folders = [tiny_run(tmp_path / place / "tiny") for place in "ab"]
    names = [cell_text(row[0]) for row in runs_table(list(map(load_results, folders))).rows]
    assert names == [f"tiny ({folder})" for folder in folders]


def test_own_data_called_mosi_are_named_with_their_sizes(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0)
    results = load_results(builder.write(sizes=(200, 60, 60)))
    assert cell_text(runs_table([results]).rows[0][1]) == "mosi 200/60/60"
    (table,) = summary(results)
    assert dict(row for row in table.rows)[Text("dataset")] == Text("mosi 200/60/60")
