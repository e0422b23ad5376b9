from pathlib import Path

import pytest

from reports import build_report, save_report, terminal_text, write_report
from reports.document import markdown_text
from reports.errors import ReportError, UnknownNameError
from reports.tables import TABLES
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

GOLDEN = Path(__file__).parent.parent / "golden" / "report_tiny.md"


@pytest.fixture
def run(tmp_path):
    return tiny_run(tmp_path / "tiny")


def test_the_report_of_the_tiny_run_is_the_golden_one(run, update_golden):
    text = markdown_text(build_report(run))
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_markdown_and_one_csv_a_table_are_written_into_the_run(run):
    files = write_report(run)
    assert [path.relative_to(run).as_posix() for path in files] == [
        "report/report.md",
        "report/summary.csv",
        "report/confirmed.csv",
        "report/confirmed_intervals.csv",
        "report/confirmed_settings.csv",
        "report/ablation_modules.csv",
        "report/ablation_modules_differences.csv",
        "report/leaderboard.csv",
        "report/selection.csv",
        "report/failures.csv",
    ]
    assert sorted((run / "report").iterdir()) == sorted(files)


def test_formats_tables_and_folder_can_be_chosen(run, tmp_path):
    files = write_report(run, tmp_path / "out" / "deep", ("csv",), ["ablations"])
    assert [path.name for path in files] == [
        "summary.csv",
        "ablation_modules.csv",
        "ablation_modules_differences.csv",
    ]
    assert files[0].parent == tmp_path / "out" / "deep"


def test_a_report_is_written_over_an_older_one(run):
    (path, *_) = write_report(run)
    path.write_text("old")
    write_report(run)
    assert path.read_text(encoding="utf-8").startswith("# Report: tiny")


def test_the_terminal_gets_every_table(run):
    report = build_report(run)
    text = terminal_text(report, width=80)
    assert all(table.title in text for table in report.tables)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tables": ["leaderbord"]}, "unknown table 'leaderbord': .* did you mean 'leaderboard'"),
        ({"formats": ("pdf",)}, "unknown format 'pdf': expected one of csv, md"),
    ],
)
def test_an_unknown_name_is_refused_before_anything_is_written(run, arguments, message):
    with pytest.raises(UnknownNameError, match=message):
        write_report(run, **arguments)
    assert not (run / "report").exists()


def test_a_run_without_a_trial_is_refused_with_the_command_that_continues_it(tmp_path):
    folder = LedgerBuilder(tmp_path / "empty").write()
    with pytest.raises(ReportError) as caught:
        build_report(folder)
    assert str(caught.value) == (
        f"the run {folder} has no trial that ended: expected at least one; start or continue it "
        "with `sugrm-search run spaces/demo.yaml`"
    )


def test_a_place_that_cannot_be_written_is_one_clear_error(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"cannot write the report to .*name another with --out"):
        write_report(run, tmp_path / "file")


def test_names_of_ablations_cannot_leave_the_folder_or_meet(tmp_path):
    groups = {"../../up": {"x": {}}, "Up": {"x": {}}, "日本": {"x": {}}}
    builder = LedgerBuilder(tmp_path / "run")
    builder.cell("x", 1, 0.9, group="Up")
    folder = builder.write({**SPACE, "ablations": groups})
    files = save_report(build_report(folder, ["ablations"]), formats=("csv",))
    assert [path.name for path in files] == [
        "summary.csv",
        "ablation_up.csv",
        "ablation_up_2.csv",
        "ablation.csv",
    ]
    assert all(path.parent == folder / "report" for path in files)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_built_of_a_run_with_one_failed_trial(tmp_path, table):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, status="failed")
    report = build_report(builder.write(), [table])
    assert markdown_text(report).startswith("# Report: tiny\n\n## Summary")
