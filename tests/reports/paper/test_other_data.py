"""Data that a space calls MOSI and that are not the paper's, and several files in one column."""

import pytest

from reports.content.table import Emphasis, Missing
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.scores import paper_table
from reports.render.csv import csv_table
from tests.reports.paper.paper_runs import by_name, lines, run, texts

OWN = (200, 60, 60)
CELLS = {"L1": [0.8, 0.8, 0.8], "L2": [0.9, 0.9, 0.9]}
WORSE = {"L1": [1.8] * 5, "L2": [1.9] * 5}


def table(*runs):
    return by_name(paper_table(LAYOUTS["8"], runs), "paper_table_8")


def groups(built):
    return list(dict.fromkeys(column.group for column in built.columns if column.group))


def bold(built, column):
    """Return the rows whose number is the best of a column."""
    best = (Emphasis.BEST, Emphasis.BEST_AND_BETTER)
    found = {name: lines(built, name)["ours"][column] for name in ("L1", "L2", "Huber")}
    return [name for name, cell in found.items() if getattr(cell, "emphasis", None) in best]


def test_own_data_called_mosi_have_columns_of_their_own_without_published_values(tmp_path):
    built = table(run(tmp_path, {"g": CELLS}, sizes=OWN))
    assert groups(built) == ["mosi 200/60/60"]
    assert list(lines(built, "L1")) == ["ours", "95 % interval"]
    said = " ".join(texts(built))
    assert "No published values are shown for mosi 200/60/60" in said
    assert "MOSI: no row has run" not in said


def test_each_data_has_its_own_best_and_verdicts_stand_beside_the_papers_alone(tmp_path):
    paper = run(tmp_path / "a", {"g": WORSE}, seeds=range(5), data_fingerprint="aaaa")
    own = run(tmp_path / "b", {"g": CELLS}, sizes=OWN, data_fingerprint="bbbb", day=1)
    built = table(paper, own)
    assert groups(built) == ["MOSI", "mosi 200/60/60"]
    assert bold(built, "mosi_mae") == bold(built, "mosi 200/60/60_mae") == ["L1"]
    found = lines(built, "L1")
    assert found["difference"]["mosi_mae"].verdict == "worse"
    assert found["difference"]["mosi 200/60/60_mae"] == Missing()
    assert found["paper"]["mosi 200/60/60_mae"] == Missing()
    assert found["ours"]["mosi_mae"].summary.mean == pytest.approx(1.8)


def test_own_data_of_equal_sizes_are_distinguished_by_their_fingerprints(tmp_path):
    runs = [
        run(tmp_path / name, {"g": CELLS}, sizes=OWN, data_fingerprint=name * 10) for name in "ab"
    ]
    assert groups(table(*runs)) == ["mosi 200/60/60 (aaaaaaaa)", "mosi 200/60/60 (bbbbbbbb)"]


def test_two_files_of_the_papers_sizes_share_columns_and_no_best(tmp_path):
    first = run(tmp_path / "a", {"g": CELLS}, data_fingerprint="aaaa")
    second = run(tmp_path / "b", {"g": {"Huber": [0.5, 0.5, 0.5]}}, data_fingerprint="bbbb")
    built = table(first, second)
    assert groups(built) == ["MOSI"]
    assert bold(built, "mosi_mae") == ["L1"]  # Huber is alone on its file
    assert "By fingerprint: L1, L2 on aaaa; Huber on bbbb." in " ".join(texts(built))


def test_a_row_that_has_not_finished_stands_with_the_data_that_its_run_read(tmp_path):
    results = run(tmp_path, {"g": {"L1": [0.8, 0.8, 0.8], "Huber": []}}, sizes=OWN)
    built = table(results)
    assert lines(built, "Huber")["ours"]["mosi 200/60/60_mae"] == Missing("not run")
    missing = "mosi 200/60/60: Missing seeds (Huber: 1, 2, 3) are not filled in."
    assert any(text.startswith(missing) for text in texts(built))


def test_what_no_run_plans_on_own_data_is_offered_with_their_dataset(usual_runs):
    built = table(run(usual_runs / "run", {"g": {"L1": [0.8]}}, sizes=OWN))
    assert (
        "mosi 200/60/60, not run: L2; Huber. Run them with: "
        "sugrm-search run spaces/ablation_losses.yaml --data unaligned=PATH"
    ) in texts(built)


def test_the_data_file_names_own_data_and_gives_them_no_verdict(tmp_path):
    tables = paper_table(LAYOUTS["8"], [run(tmp_path, {"g": CELLS}, sizes=OWN)])
    rows = csv_table(by_name(tables, "paper_table_8_cells")).splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == {"mosi 200/60/60"}
    assert not any("better" in row or "worse" in row or "difference" in row for row in rows)
