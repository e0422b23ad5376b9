import gc
import json
from pathlib import Path

import pytest
import yaml

from reports.ledger.places.storage import place
from search.cli.main import execute
from tests.parametrise import mostly_slow
from tests.reports.ledger_builder import SPACE, LedgerBuilder

RESULTS = Path(__file__).resolve().parents[3] / "docs" / "results"
PUBLISHED = sorted(path.parent for path in RESULTS.glob("*/experiment.json"))


def make_run(folder, *, ended=True):
    builder = LedgerBuilder(folder)
    if ended:
        builder.searched(0, 0.9)
    builder.write()
    record = json.loads((folder / "experiment.json").read_text())
    (folder / "experiment.json").write_text(json.dumps({**record, "name": folder.name}))


@pytest.fixture
def runs(tmp_path):
    make_run(tmp_path / "ended")
    make_run(tmp_path / "begun", ended=False)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "experiment.json").write_text("{")
    return tmp_path


@pytest.mark.slow
def test_all_runs_are_reported_past_those_that_cannot_be(runs, capsys):
    assert execute(["report", "--runs", str(runs)]) == 0
    shown = capsys.readouterr()
    assert f"wrote {runs / 'ended' / 'report' / 'report.html'}, report.md, 5 csv files" in shown.out
    assert f"left out: the run {runs / 'begun'} has no trial that ended" in shown.err
    assert f"left out: {runs / 'damaged' / 'experiment.json'} is damaged" in shown.err


@pytest.mark.slow
def test_a_run_asked_for_by_name_that_cannot_be_reported_is_an_error(runs, capsys):
    assert execute(["report", "ended", "begun", "--runs", str(runs)]) == 2
    shown = capsys.readouterr()
    assert "wrote" in shown.out
    assert shown.err.startswith(f"error: the run {runs / 'begun'} has no trial that ended")


def test_without_any_report_every_reason_is_named(runs, capsys):
    (runs / "ended" / "experiment.json").unlink()
    assert execute(["report", "--runs", str(runs)]) == 2
    assert capsys.readouterr().err.count("expected") == 2


def test_an_unknown_table_is_named_once(runs, capsys):
    assert execute(["report", "--runs", str(runs), "--tables", "leaderboard, 9"]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("error: unknown table '9'")
    assert shown.out == ""


def test_spaces_between_tables_are_free(runs, capsys):
    assert execute(["report", "ended", "--runs", str(runs), "--tables", "summary, failures"]) == 0


def test_a_few_tables_are_printed_and_written_only_where_a_format_or_a_folder_is_named(
    runs, tmp_path, capsys
):
    command = ["report", "ended", "--runs", str(runs)]
    assert execute(command) == 0
    whole = {path: path.read_bytes() for path in (runs / "ended" / "report").rglob("*.*")}
    capsys.readouterr()
    assert execute([*command, "--tables", "summary"]) == 0
    assert "wrote" not in capsys.readouterr().out
    assert {path: path.read_bytes() for path in whole} == whole
    assert execute([*command, "--tables", "summary", "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "report.md").is_file()
    assert execute([*command, "--tables", "summary", "--format", "csv"]) == 0
    assert "wrote" in capsys.readouterr().out


def test_without_runs_the_next_step_is_named(tmp_path, capsys):
    assert execute(["report", "--runs", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert f"start one with: sugrm-search run spaces/demo.yaml --runs {tmp_path}" in shown


@pytest.fixture
def systems(tmp_path):
    """Two runs that fill a row of Table 4 each."""
    for name, row in (("one", "SUGRM"), ("two", "SUGRM - MRM")):
        builder = LedgerBuilder(tmp_path / name)
        builder.cell(row, 1, 0.8)
        builder.write({**SPACE, "name": name, "ablations": {"modules": {row: {}}}, "seeds": [1]})
    return tmp_path


def height(text):
    """Return how many lines of a terminal of 80 characters a text takes."""
    return sum(max(1, -(-len(line) // 80)) for line in text.rstrip("\n").split("\n"))


@pytest.mark.parametrize(
    "run", mostly_slow(PUBLISHED, quick=PUBLISHED[-1:]), ids=[run.name for run in PUBLISHED]
)
def test_the_report_of_a_published_run_is_one_screen(run, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    arguments = ["report", run.name, "--runs", "docs/results", "--out", str(tmp_path)]
    monkeypatch.chdir(run.parents[2])
    assert execute([*arguments, "--format", "md", "--format", "csv"]) == 0
    shown = capsys.readouterr().out
    assert height(shown) <= 40
    space = yaml.safe_load((run / "space.yaml").read_text(encoding="utf-8"))
    sizes = [len(cells) for cells in space.get("ablations", {}).values()]
    is_only = sizes == [1] and not space.get("search")
    heading = "\nConfiguration: " if is_only else "\nChosen configuration: "
    for words in (heading, "Test metrics", "What to do next", "wrote"):
        assert words in shown
    has_effects = any(size > 1 for size in sizes)
    assert ("Ablations" in shown) == has_effects


@pytest.mark.slow
def test_all_tables_are_printed_if_asked_for(systems, capsys):
    arguments = ["report", "one", "--runs", str(systems), "--format", "csv"]
    assert execute(arguments) == 0
    short = capsys.readouterr().out
    assert execute([*arguments, "--full"]) == 0
    full = capsys.readouterr().out
    assert "Table 4 of the paper" in full
    assert "Table 4 of the paper" not in short
    assert "all tables in the terminal: --full" in short
    assert "--full" not in full


@pytest.mark.slow
def test_a_narrow_terminal_and_one_without_colours_get_plain_text(systems, monkeypatch, capsys):
    monkeypatch.setenv("NO_COLOR", "1")
    for width in ("40", "80", "300"):
        monkeypatch.setenv("COLUMNS", width)
        assert execute(["report", "one", "--runs", str(systems), "--format", "csv"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert all(line.isprintable() for line in lines)
        longest = max(len(line) for line in lines if not line.startswith(("    ", "wrote")))
        assert longest <= int(width)


@pytest.mark.slow
def test_several_runs_fill_the_tables_of_the_paper_together(systems, capsys):
    assert execute(["report", "--runs", str(systems), "--format", "md"]) == 0
    assert f"wrote {systems / 'report' / 'report.md'}" in capsys.readouterr().out
    together = (systems / "report" / "report.md").read_text(encoding="utf-8")
    assert together.startswith("# Report: one, two\n\n## Overview\n\n### Runs together")
    assert "## Table 4 of the paper" in together
    alone = (systems / "one" / "report" / "report.md").read_text(encoding="utf-8")
    assert "of the paper" not in alone


@pytest.mark.slow
def test_tables_of_the_paper_alone_leave_the_runs_reports_as_they_are(systems, capsys):
    assert execute(["report", "--runs", str(systems), "--tables", "3, 4", "--format", "md"]) == 0
    shown = capsys.readouterr().out
    assert "Table 3 of the paper" in shown
    assert "Table 4 of the paper" in shown
    assert not (systems / "one" / "report").exists()


def test_latex_leaves_out_what_has_not_run_unless_asked(systems):
    arguments = ["report", "one", "--runs", str(systems), "--tables", "4", "--format", "tex"]
    for flags, is_there in (([], False), (["--unrun"], True)):
        assert execute([*arguments, *flags]) == 0
        text = (systems / "one" / "report" / "tables" / "paper_table_4.tex").read_text()
        assert "SUGRM" in text
        assert ("& not run" in text) is is_there


def test_one_run_has_its_tables_of_the_paper_in_its_own_report(systems):
    assert execute(["report", "one", "--runs", str(systems), "--format", "md"]) == 0
    text = (systems / "one" / "report" / "report.md").read_text(encoding="utf-8")
    assert "## Table 4 of the paper" in text


@pytest.mark.slow
def test_reports_of_several_runs_go_to_folders_of_their_own(systems, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--runs", str(systems), "--format", "md", "--format", "csv", "--out", str(out)]
    assert execute(["report", *arguments]) == 0
    assert {path.name for path in out.iterdir()} == {"one", "two", "report"}
    assert "wrote" in capsys.readouterr().out


def test_two_runs_are_compared(systems, capsys):
    arguments = ["--runs", str(systems), "--format", "html"]
    assert execute(["report", "--compare", "one", "two", *arguments]) == 0
    page = systems / "one" / "report" / "beside_two" / "report.html"
    assert f"wrote {page}" in capsys.readouterr().out
    assert "one and two compared" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["one", "--compare", "one", "two"], "--compare: takes two runs; expected no other RUN"),
        (["--compare", "one", "none"], "no run 'none' in"),
        (["none", "one"], "no run 'none' in"),
        (["--compare", "one"], "--compare"),
        (["one", "--format", "pdf"], "got 'pdf'; expected one of md"),
        (["one", "--tables", "10"], "unknown table '10'"),
    ],
)
def test_what_cannot_be_meant_is_one_clear_error(systems, arguments, message, capsys):
    assert execute(["report", *arguments, "--runs", str(systems)]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""


def test_words_of_utterances_can_be_left_out(systems):
    arguments = ["report", "one", "--runs", str(systems), "--tables", "5", "--format", "md"]
    for flags, is_there in (([], True), (["--no-text"], False)):
        assert execute([*arguments, *flags]) == 0
        text = (systems / "one" / "report" / "report.md").read_text(encoding="utf-8")
        assert ("| text " in text) is is_there


@pytest.mark.slow
def test_runs_of_one_name_in_several_folders_keep_their_files_apart(tmp_path, capsys):
    for parent in "ab":
        make_run(tmp_path / parent / "same")
    names, out = ["a/same", "b/same"], tmp_path / "out"
    arguments = ["--runs", str(tmp_path), "--format", "md", "--out", str(out)]
    assert execute(["report", *names, *arguments]) == 0
    assert {path.name for path in out.iterdir() if path.name != "report"} == {"same", "same_2"}


def test_a_run_named_twice_is_reported_once(systems, capsys):
    names = ["one", "./one", "one/"]
    assert execute(["report", *names, "--runs", str(systems), "--format", "md"]) == 0
    assert capsys.readouterr().out.count("wrote") == 1


def test_a_runs_folder_that_is_a_run_is_refused_with_what_was_meant(systems, capsys):
    assert execute(["report", "--runs", str(systems / "one")]) == 2
    assert f"sugrm-search report one --runs {systems}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "with_what"),
    [(["one", "--tables", "4"], "--tables"), (["--compare", "one", "two"], "--compare")],
)
def test_figures_without_a_whole_report_are_refused_before_anything(
    systems, arguments, with_what, capsys
):
    assert execute(["report", *arguments, "--format", "svg", "--runs", str(systems)]) == 2
    shown = capsys.readouterr()
    assert f"--format: got svg with {with_what}" in shown.err
    assert shown.out == ""


def test_a_run_with_nothing_to_draw_says_so(tmp_path, capsys):
    builder = LedgerBuilder(tmp_path / "tiny")
    builder.searched(0, status="failed", failure="oom")
    builder.write()
    assert execute(["report", "--runs", str(tmp_path), "--format", "svg"]) == 0
    assert "wrote nothing: the run tiny has no data for a figure yet" in capsys.readouterr().out


def test_a_report_leaves_the_garbage_collector_on(systems):
    assert execute(["report", "one", "--runs", str(systems), "--format", "md"]) == 0
    assert gc.isenabled()


@pytest.mark.slow
def test_of_several_runs_the_figures_of_one_are_freed_before_the_next(systems):
    from matplotlib.figure import Figure

    def figures():
        return {id(thing) for thing in gc.get_objects() if type(thing) is Figure}

    gc.collect()
    before = figures()  # of other tests
    arguments = ["report", "--runs", str(systems), "--format", "png"]
    assert execute(arguments) == 0
    assert figures() <= before


@pytest.mark.slow
def test_a_run_on_a_store_is_reported_into_it_or_into_another_folder_of_it(s3, tmp_path, capsys):
    folder = LedgerBuilder(tmp_path / "tiny")
    folder.searched(0, 0.9)
    run = place(s3) / "tiny"
    for file in folder.write().rglob("*.*"):
        target = (
            run / file.parent.name / file.name if file.suffix == ".parquet" else run / file.name
        )
        target.put(file.read_bytes())
    assert execute(["report", "--runs", s3, "--format", "html", "--format", "svg"]) == 0
    assert (run / "report" / "report.html").is_file()
    assert list((run / "report" / "figures").glob("*.svg"))
    assert execute(["report", "--runs", s3, "--format", "csv", "--out", f"{s3}/elsewhere"]) == 0
    assert f"csv files in {s3}/elsewhere" in capsys.readouterr().out
    assert (place(s3) / "elsewhere" / "summary.csv").is_file()
