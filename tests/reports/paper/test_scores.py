import pytest

from reports.content.table import Dual, Emphasis, Interval, Missing, Number, Style
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.scores import paper_table
from reports.render.cell_text import cell_text
from reports.render.csv import csv_table
from reports.render.markdown import markdown_table
from reports.render.terminal import terminal_table
from tests.reports.paper.paper_runs import by_name, lines, run


def table(number, *runs):
    return by_name(paper_table(LAYOUTS[number], runs), f"paper_table_{number}")


def test_ours_the_papers_and_the_difference_stand_under_each_other(tmp_path):
    """SUGRM on unaligned MOSI has MAE 0.703 and Acc-2 84.4 / 86.3 in the paper.

    Ours: MAE 0.90, 0.90, 0.91, 0.92, 0.92, so mean 0.91 and s 0.01; half of the interval is
    2.776445 * 0.01 / sqrt(5) = 0.012417. Acc-2 is 1 - MAE / 4, and 2 points more.
    """
    five = {"SUGRM": [0.90, 0.90, 0.91, 0.92, 0.92]}
    built = table("2", run(tmp_path, {"g": five}, seeds=[1, 2, 3, 4, 5]))
    found = lines(built, "SUGRM")
    assert list(found) == ["ours", "95 % interval", "paper", "difference"]
    assert cell_text(found["ours"]["mosi_mae"]) == "0.910 ± 0.010"
    assert cell_text(found["95 % interval"]["mosi_mae"]) == "[0.898, 0.922]"
    interval = found["95 % interval"]["mosi_mae"].summary
    assert interval.high - interval.mean == pytest.approx(0.012417, abs=1e-6)
    assert found["paper"]["mosi_mae"] == Number(0.703, Style.SCORE)
    gap = found["difference"]["mosi_mae"]
    assert (gap.value, gap.signed, gap.verdict) == (pytest.approx(0.207), True, "worse")
    both = found["difference"]["mosi_acc2"]
    assert both.nonnegative.value == pytest.approx(0.7725 - 0.844)
    assert both.positive.value == pytest.approx(0.7925 - 0.863)
    assert found["paper"]["mosi_acc2"] == Dual(
        Number(0.844, Style.PERCENT), Number(0.863, Style.PERCENT)
    )


def test_columns_and_rows_are_in_the_order_of_the_paper(tmp_path):
    built = table("8", run(tmp_path, {"g": {"Huber": [0.9], "L1": [0.8]}}, seeds=[1]))
    assert [(column.group, column.title) for column in built.columns] == [
        ("", "loss"),
        ("MOSI", "F1"),
        ("MOSI", "Acc-2"),
        ("MOSI", "MAE"),
        ("MOSI", "Corr"),
    ]
    assert [cells[0].text for cells in built.rows] == [
        "L1",
        "  95 % interval",
        "  paper",
        "  difference",
        "L2",
        "  paper",
        "Huber",
        "  95 % interval",
        "  paper",
        "  difference",
    ]


def test_a_row_that_has_not_run_says_so_and_keeps_the_papers_value(tmp_path):
    found = lines(table("8", run(tmp_path, {"g": {"L1": [0.8, 0.9, 1.0]}})), "L2")
    assert found["ours"]["mosi_mae"] == Missing("not run")
    assert found["paper"]["mosi_mae"] == Number(0.832, Style.SCORE)
    assert "difference" not in found


def test_a_planned_row_without_a_trial_is_not_run_and_one_that_failed_has_failed(tmp_path):
    groups = {"g": {"L1": [0.8, 0.9, 1.0], "L2": []}}
    assert lines(table("8", run(tmp_path / "a", groups)), "L2")["ours"]["mosi_f1"] == Missing(
        "not run"
    )
    failed = run(tmp_path / "b", {"g": {"Huber": [0.8]}}, status="failed", failure="nan")
    whole = run(tmp_path / "c", {"g": {"L1": [0.8]}})
    assert lines(table("8", failed, whole), "Huber")["ours"]["mosi_mae"] == Missing("failed")


def test_one_seed_has_no_interval_and_no_verdict(tmp_path):
    found = lines(table("2", run(tmp_path, {"g": {"SUGRM": [0.5]}}, seeds=[1])), "SUGRM")
    assert found["95 % interval"]["mosi_mae"] == Missing("1 seed: no interval")
    assert found["95 % interval"]["mosi_f1"] == Missing("1 seed: no interval")
    assert found["difference"]["mosi_mae"].verdict == ""


def test_three_seeds_have_an_interval_but_no_verdict(tmp_path):
    tables = paper_table(LAYOUTS["2"], [run(tmp_path, {"g": {"SUGRM": [0.5, 0.6, 0.7]}})])
    found = lines(by_name(tables, "paper_table_2"), "SUGRM")
    assert isinstance(found["95 % interval"]["mosi_mae"], Interval)
    assert found["difference"]["mosi_mae"].verdict == ""
    data = csv_table(by_name(tables, "paper_table_2_cells"))
    (mae,) = (line for line in data.splitlines() if line.startswith("mosi,SUGRM,mae"))
    assert mae.endswith('"too few seeds (3, needs 5)",')


def test_a_wide_interval_does_not_make_a_verdict_better(tmp_path):
    """Self-MM has a correlation of 0.780; ours, 1 - MAE / 3, is 0.04 on average and spreads."""
    maes = [1.2, 2.4, 3.6, 4.2, 3.0]
    found = lines(table("2", run(tmp_path, {"g": {"Self-MM": maes}}, seeds=range(5))), "Self-MM")
    gap = found["difference"]["mosi_corr"]
    assert gap.value == pytest.approx(0.04 - 0.780)
    assert gap.verdict == "worse"
    wide = {"Self-MM": [0.0, 0.0, 0.0, 0.0, 14.4]}
    found = lines(table("2", run(tmp_path / "b", {"g": wide}, seeds=range(5))), "Self-MM")
    assert found["difference"]["mosi_corr"].verdict == "no difference shown (half width 2.665)"


def test_what_the_paper_does_not_print_has_no_difference(tmp_path):
    """SPT has no MAE in the paper, and F1 only negative / positive."""
    found = lines(table("2", run(tmp_path, {"g": {"SPT": [0.9, 1.0, 1.1]}})), "SPT")
    assert found["paper"]["mosi_mae"] == found["difference"]["mosi_mae"] == Missing()
    assert found["difference"]["mosi_f1"].nonnegative == Missing()
    assert found["difference"]["mosi_f1"].positive.value == pytest.approx(0.76 - 0.813)


def test_text_only_stands_first_is_marked_and_has_no_published_line(tmp_path):
    groups = {"g": {"M": [1.0, 1.1, 1.2], "text only": [0.8, 0.8, 0.8]}}
    built = table("3", run(tmp_path, groups))
    assert [cells[0].text for cells in built.rows][:3] == [
        "text only (extra)",
        "  95 % interval",
        "M",
    ]
    assert list(lines(built, "text only (extra)")) == ["ours", "95 % interval"]
    assert lines(built, "text only (extra)")["ours"]["mosi_mae"].emphasis is Emphasis.BEST


def test_a_synthetic_run_gets_the_table_without_published_values(tmp_path):
    synthetic = run(tmp_path, {"g": {"M": [0.4, 0.5, 0.6]}}, dataset="synthetic", data={})
    built = table("3", synthetic)
    assert {column.group for column in built.columns[1:]} == {"synthetic"}
    assert list(lines(built, "M")) == ["ours", "95 % interval"]
    assert lines(built, "M,V")["ours"]["synthetic_mae"] == Missing("not run")


def test_a_dataset_on_which_nothing_has_run_is_left_out(tmp_path):
    built = table("2", run(tmp_path, {"g": {"SUGRM": [0.9]}}, dataset="mosei"))
    assert {column.group for column in built.columns[1:]} == {"MOSEI"}


def test_without_any_filled_row_the_whole_table_is_shown_as_not_run(tmp_path):
    (built, data) = paper_table(LAYOUTS["1"], [run(tmp_path, {"g": {"text only": [0.9]}})])
    assert [column.group for column in built.columns[1::4]] == ["MOSI", "MOSEI"]
    assert lines(built, "SUGRM")["ours"]["mosei_mae"] == Missing("not run")
    assert lines(built, "TFN")["ours"]["mosei_mae"] == Missing("-")  # the paper has none there
    assert data.is_data
    assert "mosi,SUGRM,mae,,0.723,,not run" in csv_table(data)


L2 = [0.5, 0.5, 0.51, 0.52, 0.52]


def test_every_number_is_in_the_data_with_its_verdict(tmp_path):
    tables = paper_table(LAYOUTS["8"], [run(tmp_path, {"g": {"L2": L2}}, seeds=range(5))])
    text = csv_table(by_name(tables, "paper_table_8_cells"))
    head, *rows = text.splitlines()
    assert head == (
        "dataset,row,metric,ours,ours_std,ours_n,ours_low,ours_high,published,difference,verdict,"
        "settings"
    )
    (mae,) = (line.split(",") for line in rows if line.startswith("mosi,L2,mae"))
    assert [float(mae[3]), int(mae[5]), float(mae[8])] == [pytest.approx(0.51), 5, 0.832]
    assert mae[-2:] == ["better", ""]


def test_an_undefined_metric_says_so_without_verdict_or_emphasis(tmp_path):
    groups = {"g": {"L1": [0.8, 0.9, 1.0], "L2": [0.8, 0.9, 1.0]}}
    built = table("8", run(tmp_path, groups, test_corr=float("nan")))
    found = lines(built, "L1")
    assert found["difference"]["mosi_corr"].verdict == ""
    assert "undefined" in markdown_table(built)
    assert found["ours"]["mosi_corr"].emphasis is Emphasis.NONE


def test_at_100_columns_no_line_of_the_table_is_longer(tmp_path):
    groups = {"g": {row: [0.8, 0.9, 1.0] for row in LAYOUTS["4"].rows}}
    text = terminal_table(table("4", run(tmp_path, groups)), 100)
    numbers = text[: text.index("\n- ")].splitlines()
    assert max(map(len, numbers)) <= 100
    assert sum(line.startswith("SUGRM, SPT->TE") for line in numbers) == 2  # it folds once
