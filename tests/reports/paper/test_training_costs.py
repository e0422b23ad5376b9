from reports.content.table import Missing, Number, Style, Text
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.scores import paper_table
from reports.render.markdown import markdown_table
from tests.reports.paper.paper_runs import by_name, run, texts


def costs(*runs):
    return by_name(paper_table(LAYOUTS["8"], runs), "paper_table_8_costs")


def test_seeds_and_costs_stand_beside_each_row_that_has_run(tmp_path):
    table = costs(run(tmp_path, {"losses": {"L2": [0.8, 0.9], "L1": []}}, name="mine"))
    assert table.rows == (
        (
            Text("L2"),
            Text("MOSI"),
            Text("2 / 3"),
            Number(22_000_000, Style.INTEGER),
            Number(12.5, Style.SECONDS),
            Number(0.775, Style.SECONDS),
            Number(1536.0, Style.INTEGER),
            Text("mine, losses"),
        ),
    )


def test_a_cost_that_is_not_recorded_is_missing(tmp_path):
    (row,) = costs(run(tmp_path, {"g": {"L2": [0.8]}}, peak_memory_mib=None)).rows
    assert row[6] == Missing("not recorded")


def test_the_note_names_the_devices(tmp_path):
    notes = " ".join(texts(costs(run(tmp_path, {"g": {"L2": [0.8]}}))))
    assert "Measured on cuda:0; the paper used one TITAN Xp." in notes


def test_names_of_runs_cannot_leave_their_cell(tmp_path):
    table = costs(run(tmp_path, {"a|b": {"L2": [0.8]}}, name="<b>*x*"))
    assert "\\<b\\>\\*x\\*, a\\|b |" in markdown_table(table)
