"""All of the paper's tables of a few small runs, as documents."""

from pathlib import Path

import pytest

from reports.paper import PAPER_TABLES
from reports.render.csv import csv_table
from reports.render.markdown import markdown_table
from tests.reports.paper.paper_runs import run

GOLDEN = Path(__file__).parent.parent.parent / "golden"


@pytest.fixture
def runs(usual_runs):
    """Two runs on MOSI, one of them aligned, one on MOSEI, one synthetic: no table is whole."""
    systems = {
        "text only": [0.80, 0.81, 0.82],
        "MulT": [0.88, 0.86, 0.87],
        "SPT": [0.75, 0.76],
        "Self-MM": [0.74, 0.73, 0.75],
        "SUGRM": [0.74, 0.73, 0.75],
    }
    modules = {"SUGRM": [0.70, 0.70, 0.71, 0.72, 0.72], "SUGRM - MRM": [0.69] * 5}
    five = range(1, 6)
    return [
        run(usual_runs / "a", {"systems": systems, "losses": {"Huber": [0.90]}}, name="systems"),
        run(usual_runs / "b", {"systems": {"MAG-BERT": [0.7, 0.8, 0.9]}}, alignment="aligned"),
        run(
            usual_runs / "c",
            {"modules": modules},
            name="mosei",
            dataset="mosei",
            seeds=five,
            day=1,
        ),
        run(usual_runs / "d", {"tasks": {"M": [0.5]}}, name="demo", dataset="synthetic", data={}),
    ]


@pytest.mark.slow
def test_the_tables_in_markdown_are_the_golden_ones(runs, update_golden):
    tables = [table for build in PAPER_TABLES.values() for table in build(runs)]
    text = "\n\n".join(markdown_table(table) for table in tables if not table.is_data) + "\n"
    _compare(GOLDEN / "paper_tables.md", text, update_golden)


def test_table_2_in_csv_is_the_golden_one(runs, update_golden):
    text = "\n".join(csv_table(table) for table in PAPER_TABLES["2"](runs))
    _compare(GOLDEN / "paper_table_2.csv", text, update_golden)


def _compare(path, text, update_golden):
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
