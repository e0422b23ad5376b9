import shlex

import pytest

from reports.paper import PAPER_TABLES
from reports.paper.rows.commands import packaged_command
from reports.paper.rows.layouts import EXTRA_ROWS, LAYOUTS
from reports.published.cells import published_row
from search.space.reading import load_space
from tests.reports.paper.paper_runs import run


def loaded(command):
    """Return the space of a command, read as `sugrm-search run` reads it."""
    program, run, path, *rest = shlex.split(command)
    assert (program, run) == ("sugrm-search", "run")
    options = list(zip(rest[::2], rest[1::2], strict=True))
    return load_space(
        path,
        overrides=[value for name, value in options if name == "--set"],
        data=[value for name, value in options if name == "--data"],
    )


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["mosi", "mosei", "synthetic"])
@pytest.mark.parametrize("number", list(PAPER_TABLES))
def test_the_command_that_fills_a_table_is_one_that_the_loader_accepts(number, dataset):
    space = loaded(packaged_command(number, dataset))
    assert space.data.dataset == dataset
    preset = "mosei" if dataset == "mosei" else "mosi"
    assert space.experiment["preset"][0] == preset


@pytest.mark.parametrize("dataset", ["mosi", "mosei"])
@pytest.mark.parametrize("number", list(LAYOUTS))
def test_the_space_of_a_table_has_a_cell_for_every_row_that_the_paper_has(number, dataset):
    space = loaded(packaged_command(number, dataset))
    cells = {cell for group in space.ablations.values() for cell in group}
    rows = {row for row in LAYOUTS[number].rows if published_row(number, dataset, row=row)}
    assert rows | set(EXTRA_ROWS) <= cells


def test_spaces_that_serve_several_datasets_get_a_run_for_each():
    names = {loaded(packaged_command("3", dataset)).name for dataset in ("mosi", "mosei")}
    assert names == {"ablation_tasks", "ablation_tasks_mosei"}


@pytest.mark.slow
def test_table_7_is_filled_by_a_space_that_confirms():
    assert loaded(packaged_command("7", "mosei")).confirm is not None


@pytest.mark.parametrize("number", list(PAPER_TABLES))
def test_what_is_missing_is_run_in_the_folder_of_the_runs(number, tmp_path):
    folder = tmp_path / "my runs"
    results = run(folder / "run", {"g": {"SUGRM": [0.8]}}, dataset="other")
    table, *_ = PAPER_TABLES[number]([results])
    commands = [note.command for note in table.notes if "spaces/" in (note.command or "")]
    assert commands
    assert all(shlex.split(command)[-2:] == ["--runs", str(folder)] for command in commands)


def test_runs_of_several_folders_leave_what_is_missing_to_the_usual_one(tmp_path):
    runs = [run(tmp_path / place / "run", {"g": {"SUGRM": [0.8]}}) for place in "ab"]
    (table, *_) = PAPER_TABLES["6"](runs)
    assert "--runs" not in table.notes[-1].command
