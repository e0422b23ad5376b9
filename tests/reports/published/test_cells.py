import csv
from collections import Counter
from importlib.resources import files

import pytest

from reports.ledger.schema import METRICS
from reports.published.cells import (
    Misprint,
    misprints,
    published_alignment,
    published_baseline,
    published_datasets,
    published_metrics,
    published_row,
    published_rows,
    published_table,
    tables_with,
)


def test_all_280_published_cells_are_shipped():
    """Tables 1 to 4 and 8, in the numbers that their rows, data sets and metrics make."""
    text = files("reports.published").joinpath("published.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 280
    assert Counter(row["table"] for row in rows) == {
        "1": 4 * (10 + 9) - 4,  # no TFN on MOSEI; SPT without MAE and Corr on both
        "2": 4 * 2 * 8 - 4,
        "3": 4 * 2 * 8,
        "4": 4 * 2 * 9,
        "8": 4 * 3,
    }


def test_the_unaligned_mosi_row_is_that_of_table_2():
    assert published_metrics("mosi", "unaligned", model="sugrm") == {
        "mae": 0.703,
        "corr": 0.800,
        "acc2_negative_nonnegative": 0.844,
        "acc2_negative_positive": 0.863,
        "f1_negative_nonnegative": 0.843,
        "f1_negative_positive": 0.863,
    }


def test_the_aligned_mosei_row_is_that_of_table_1():
    found = published_metrics("mosei", "aligned", model="sugrm")
    assert (found["mae"], found["acc2_negative_positive"]) == (0.541, 0.850)
    assert published_table("aligned") == "1"


@pytest.mark.parametrize(
    ("alignment", "model", "mae"),
    [("aligned", "ef_lstm", 1.053), ("unaligned", "ef_lstm", 1.078), ("aligned", "self_mm", 0.736)],
)
def test_every_system_of_tables_1_and_2_is_found_by_its_model(alignment, model, mae):
    """The paper calls EF-LSTM on unaligned input EF-LSTM+CTC."""
    assert published_metrics("mosi", alignment, model=model)["mae"] == mae


def test_a_row_that_several_tables_print_has_the_same_values_in_each():
    for row in ("SUGRM", "Self-MM"):
        assert tables_with("mosi", "unaligned", row=row) == ("2", "4")
        assert published_row("2", "mosi", row=row) == published_row("4", "mosi", row=row)


def test_a_row_that_no_table_has_is_empty():
    assert published_row("8", "mosei", row="Huber") == {}
    assert tables_with("mosi", "aligned", row="M,T") == ()


def test_rows_datasets_and_alignment_of_a_table_are_the_papers():
    assert published_rows("3")[-1] == "M,T,A,V"
    assert published_datasets("8") == ("mosi",)
    assert published_datasets("1") == ("mosi", "mosei")
    assert (published_alignment("1"), published_alignment("4")) == ("aligned", "unaligned")


def test_the_baseline_of_a_row_is_the_system_that_it_changes():
    assert published_baseline("4", "Self-MM + MRM") == "Self-MM"
    assert published_baseline("2", "MulT") == published_baseline("4", "mine") == ""


def test_the_one_misprint_is_shipped_with_how_it_is_read():
    assert misprints("4") == (
        Misprint(
            dataset="mosei",
            row="SUGRM, ULGM->Self-MM's",
            metric="f1",
            note="printed as 0.79.5/84.1 in the paper; read here as 79.5/84.1",
        ),
    )
    assert not any(misprints(table) for table in "1238")
    assert (
        published_row("4", "mosei", row="SUGRM, ULGM->Self-MM's")["f1_negative_positive"] == 0.841
    )


def test_names_are_those_of_the_ledger():
    assert set(published_metrics("mosi", "unaligned", model="sugrm")) <= set(METRICS)


@pytest.mark.parametrize(
    ("dataset", "alignment", "model"),
    [("synthetic", "unaligned", "sugrm"), ("mosi", "", "sugrm"), ("mosi", "aligned", "mine")],
)
def test_what_the_paper_does_not_report_is_empty(dataset, alignment, model):
    assert published_metrics(dataset, alignment, model=model) == {}
