import csv
from collections import Counter
from importlib.resources import files

import pytest

from reports.published.cells import published_metrics, published_row, published_table, tables_with
from reports.schema import METRICS


def test_all_280_published_cells_are_shipped():
    """Tables 1 to 4 and 8, in the numbers that their rows, data sets and metrics make."""
    text = files("reports.published").joinpath("published.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 280
    assert Counter(row["table"] for row in rows)["8"] == 3 * 4


def test_the_unaligned_mosi_row_is_that_of_table_2():
    assert published_metrics("mosi", "unaligned", "sugrm") == {
        "mae": 0.703,
        "corr": 0.800,
        "acc2_negative_nonnegative": 0.844,
        "acc2_negative_positive": 0.863,
        "f1_negative_nonnegative": 0.843,
        "f1_negative_positive": 0.863,
    }


def test_the_aligned_mosei_row_is_that_of_table_1():
    found = published_metrics("mosei", "aligned", "sugrm")
    assert (found["mae"], found["acc2_negative_positive"]) == (0.541, 0.850)
    assert published_table("aligned") == "1"


@pytest.mark.parametrize(
    ("alignment", "model", "mae"),
    [("aligned", "ef_lstm", 1.053), ("unaligned", "ef_lstm", 1.078), ("aligned", "self_mm", 0.736)],
)
def test_every_system_of_tables_1_and_2_is_found_by_its_model(alignment, model, mae):
    """The paper calls EF-LSTM on unaligned input EF-LSTM+CTC."""
    assert published_metrics("mosi", alignment, model)["mae"] == mae


def test_a_row_that_several_tables_print_has_the_same_values_in_each():
    for row in ("SUGRM", "Self-MM"):
        assert tables_with("mosi", "unaligned", row) == ("2", "4")
        assert published_row("2", "mosi", row) == published_row("4", "mosi", row)


def test_a_row_that_no_table_has_is_empty():
    assert published_row("8", "mosei", "Huber") == {}
    assert tables_with("mosi", "aligned", "M,T") == ()


def test_names_are_those_of_the_ledger():
    assert set(published_metrics("mosi", "unaligned", "sugrm")) <= set(METRICS)


@pytest.mark.parametrize(
    ("dataset", "alignment", "model"),
    [("synthetic", "unaligned", "sugrm"), ("mosi", "", "sugrm"), ("mosi", "aligned", "mine")],
)
def test_what_the_paper_does_not_report_is_empty(dataset, alignment, model):
    assert published_metrics(dataset, alignment, model) == {}
