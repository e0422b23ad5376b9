from pathlib import Path

import pytest

from reports import Choice, build_report, save_report, terminal_text
from reports.errors import ReportError, UnknownNameError
from reports.export import FORMATS, markdown_text
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

GOLDEN = Path(__file__).parent.parent / "golden" / "report_tiny.md"
PLAIN = Choice(with_figures=False)


@pytest.fixture
def run(tmp_path):
    return tiny_run(tmp_path / "tiny")


def test_the_report_of_the_tiny_run_is_the_golden_one(usual_runs, update_golden):
    text = markdown_text(build_report(tiny_run(usual_runs / "tiny"), PLAIN))
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_usual_formats_are_written_into_the_run(run):
    files = [path.relative_to(run).as_posix() for path in save_report(build_report(run))]
    assert files[:2] == ["report/report.md", "report/report.html"]
    assert {"report/summary.csv", "report/leaderboard.csv", "report/trials.csv"} < set(files)
    written = {path.relative_to(run).as_posix() for path in (run / "report").iterdir()}
    assert written == set(files)


def test_every_table_is_a_csv_file_and_a_latex_file(run):
    report = build_report(run, PLAIN)
    files = [path.name for path in save_report(report, formats=("csv", "tex"))]
    assert {f"{table.name}.csv" for table in report.tables} | {"trials.csv"} == {
        name for name in files if name.endswith(".csv")
    }
    assert {f"{table.name}.tex" for table in report.tables if not table.is_data} | {
        "report.tex"
    } == {name for name in files if name.endswith(".tex")}


@pytest.mark.slow
def test_every_figure_is_drawn_as_svg_and_png(run):
    report = build_report(run)
    files = save_report(report, formats=("svg", "png"))
    assert {path.name for path in files} == {
        f"{figure.name}.{kind}" for figure in report.figures for kind in ("svg", "png")
    }
    assert {path.parent for path in files} == {run / "report" / "figures"}


def test_formats_tables_and_folder_can_be_chosen(run, tmp_path):
    report = build_report(run, Choice(tables=("ablations",)))
    files = save_report(report, str(tmp_path / "out" / "deep"), formats=("csv",))
    assert [path.name for path in files] == ["summary.csv", "ablation_modules.csv", "trials.csv"]
    assert files[0].parent == tmp_path / "out" / "deep"


@pytest.mark.slow
def test_a_report_is_written_over_an_older_one(run):
    (path, *_) = save_report(build_report(run, PLAIN))
    path.write_text("old")
    save_report(build_report(run, PLAIN))
    assert path.read_text(encoding="utf-8").startswith("# Report: tiny")


def test_the_terminal_gets_every_table(run):
    report = build_report(run, PLAIN)
    text = terminal_text(report, width=80)
    assert all(table.title in text for table in report.tables if not table.is_data)


def test_an_unknown_format_is_refused_before_anything_is_written(run):
    with pytest.raises(UnknownNameError, match="unknown format 'pdf': expected one of csv, html"):
        save_report(build_report(run, PLAIN), formats=("md", "pdf"))
    assert not (run / "report").exists()


def test_a_place_that_cannot_be_written_is_one_clear_error(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ReportError, match=r"cannot write the report to .*name another one with --out"
    ):
        save_report(build_report(run, PLAIN), tmp_path / "file")


def test_names_of_ablations_cannot_leave_the_folder_or_meet(tmp_path):
    groups = {"../../up": {"x": {}}, "Up": {"x": {}}, "日本": {"x": {}}}
    builder = LedgerBuilder(tmp_path / "run")
    builder.cell("x", 1, 0.9, group="Up")
    folder = builder.write({**SPACE, "ablations": groups})
    files = save_report(build_report(folder, Choice(tables=("ablations",))), formats=("csv",))
    assert [path.name for path in files] == [
        "summary.csv",
        "ablation_up.csv",
        "ablation_up_2.csv",
        "ablation.csv",
        "trials.csv",
    ]
    assert all(path.parent == folder / "report" for path in files)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_of_a_run_with_one_failed_trial(tmp_path, name):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, status="failed")
    report = build_report(builder.write())
    assert all(path.stat().st_size for path in save_report(report, formats=(name,)))
