from reports.paper.rows.grid import grid_of
from reports.paper.rows.layouts import LAYOUTS
from tests.reports.paper.paper_runs import run


def chosen(number, row, *runs, dataset="mosi"):
    source = grid_of(LAYOUTS[number], runs).source(dataset, row)
    return source.results.experiment.name, source.cell.group


def test_of_several_runs_the_newest_fills_a_row(tmp_path):
    old = run(tmp_path / "a", {"g": {"SUGRM": [1.0, 1.0, 1.0]}}, name="old")
    new = run(tmp_path / "b", {"g": {"SUGRM": [2.0, 2.0, 2.0]}}, name="new", day=1)
    assert chosen("2", "SUGRM", new, old) == chosen("2", "SUGRM", old, new) == ("new", "g")


def test_a_run_with_all_its_seeds_goes_before_a_newer_one_that_lacks_some(tmp_path):
    whole = run(tmp_path / "a", {"g": {"SUGRM": [1.0, 1.0, 1.0]}}, name="whole")
    part = run(tmp_path / "b", {"g": {"SUGRM": [2.0, 2.0]}}, name="part", day=1)
    assert chosen("2", "SUGRM", part, whole) == ("whole", "g")


def test_some_seeds_go_before_none(tmp_path):
    none = run(tmp_path / "a", {"g": {"SUGRM": []}}, name="none", day=1)
    part = run(tmp_path / "b", {"g": {"SUGRM": [2.0]}}, name="part")
    assert chosen("2", "SUGRM", none, part) == ("part", "g")


def test_any_ablation_of_a_run_fills_rows(tmp_path):
    results = run(tmp_path, {"losses": {"L2": [1.0]}, "systems": {"SUGRM": [1.0]}})
    assert chosen("8", "L2", results) == ("run", "losses")
    assert chosen("4", "SUGRM", results) == chosen("2", "SUGRM", results) == ("run", "systems")


def test_the_alignment_of_the_trials_chooses_between_tables_1_and_2(tmp_path):
    results = run(tmp_path, {"g": {"SUGRM": [1.0]}}, alignment="aligned")
    assert grid_of(LAYOUTS["1"], [results]).filled == ("mosi",)
    assert grid_of(LAYOUTS["2"], [results]).filled == ()


def test_datasets_are_in_the_order_of_the_paper_then_others(tmp_path):
    runs = [
        run(tmp_path / name, {"g": {"M": [1.0]}}, dataset=name)
        for name in ("synthetic", "mosei", "mosi")
    ]
    assert grid_of(LAYOUTS["3"], runs).filled == ("mosi", "mosei", "synthetic")


def test_cells_that_are_no_rows_and_runs_without_a_dataset_fill_nothing(tmp_path):
    named = run(tmp_path / "a", {"g": {"mine": [1.0], "text only": [1.0]}})
    nameless = run(tmp_path / "b", {"g": {"SUGRM": [1.0]}}, dataset="")
    assert grid_of(LAYOUTS["2"], [named, nameless]).filled == ()
