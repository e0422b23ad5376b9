from pathlib import Path

import pytest

from reports import Choice, build_report, comparison_of, load_run, report_of, report_of_all
from reports.errors import UnknownNameError
from reports.tables import TABLES
from tests.reports.ledger_builder import SPACE, LedgerBuilder, continued, tiny_run


@pytest.fixture
def run(tmp_path):
    return tiny_run(tmp_path / "tiny")


def paper_run(folder: Path, name: str, rows: dict[str, float]) -> Path:
    """A run of Table 4's rows on unaligned MOSI, one seed each."""
    builder = LedgerBuilder(folder / name)
    for row, mae in rows.items():
        builder.cell(row, 1, mae)
    cells = {"modules": {row: {} for row in rows}}
    return builder.write({**SPACE, "name": name, "ablations": cells, "seeds": [1]})


def names(report) -> list[str]:
    return [table.name for table in report.tables if not table.is_data]


def test_a_report_opens_with_the_summary_and_holds_what_is_chosen(run):
    report = build_report(run, Choice(tables=("ablations",)))
    assert names(report) == ["summary", "ablation_modules"]
    assert report.figures == ()


def test_the_whole_report_has_figures_trials_and_what_repeats_it(run):
    report = build_report(run)
    figures = [figure.name for figure in report.figures]
    assert figures == ["slices", "parallel", "ablation_effects_modules"]
    assert len(report.trials.rows) > 0
    assert report.command == continued(run)
    assert dict(report.provenance)["git commit"] == "abc123 with changes"


def test_figures_are_left_out_where_nobody_draws_them(run):
    assert build_report(run, Choice(with_figures=False)).figures == ()


def cut_predictions(folder):
    (folder / "predictions").mkdir(exist_ok=True)
    (folder / "predictions" / "cut.parquet").write_bytes(b"PAR1")
    return "left out the damaged part predictions/cut.parquet"


def test_the_summary_names_what_could_not_be_read_for_the_tables_after_it(run):
    damaged = cut_predictions(run)
    summary, *_ = build_report(run).tables
    assert [note.text for note in summary.notes if damaged in note.text] == [summary.notes[-1].text]


def test_a_comparison_names_what_could_not_be_read(run):
    damaged = cut_predictions(run)
    first, second = load_run(run), load_run(run)
    second.predictions()
    opening, *_ = comparison_of(first, second).tables
    assert damaged in opening.notes[-1].text


def test_the_report_of_all_names_what_could_not_be_read(run):
    damaged = cut_predictions(run)
    runs = [load_run(run)]
    runs[0].predictions()
    opening, *_ = report_of_all(runs, run.parent, choice=Choice(tables=("1",))).tables
    assert f"Attention, tiny: {damaged}" in opening.notes[-1].text


def test_an_unknown_table_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown table 'leaderbord'.*'leaderboard'"):
        Choice(tables=("leaderbord",))


@pytest.mark.slow
def test_a_run_shows_the_tables_of_the_paper_that_it_fills(tmp_path):
    folder = paper_run(tmp_path, "modules", {"SUGRM": 0.8, "SUGRM - MRM": 0.9})
    assert "paper_table_4" in names(build_report(folder))
    assert "paper_table_4" not in names(report_of(load_run(folder), with_paper=False))
    assert "paper_table_3" in names(build_report(folder, Choice(tables=("3",))))


def test_runs_fill_the_tables_of_the_paper_together(tmp_path):
    runs = [
        load_run(paper_run(tmp_path, name, {row: 0.8}))
        for name, row in (("one", "SUGRM"), ("two", "SUGRM - MRM"))
    ]
    report = report_of_all(runs, tmp_path)
    assert (report.folder, report.title) == (tmp_path / "report", "one, two")
    (table,) = (table for table in report.tables if table.name == "paper_table_4")
    filled = {row[0].text for row in table.rows if type(row[3]).__name__ == "Spread"}
    assert filled == {"SUGRM", "SUGRM - MRM"}


def test_two_runs_are_compared_in_a_folder_of_their_own(tmp_path):
    one, two = (load_run(tiny_run(tmp_path / name)) for name in ("one", "two"))
    report = comparison_of(one, two)
    assert report.folder == tmp_path / "one" / "report" / "beside_two"
    assert report.tables


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_built_of_a_run_with_one_failed_trial(tmp_path, table):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, status="failed")
    report = build_report(builder.write(), Choice(tables=(table,)))
    assert report.tables[0].name == "summary"
