"""The sign ± means a standard deviation, in every format and in all that explains a number."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reports import build_report
from reports.build import comparison_of
from reports.content.table import Column, Dual, Estimate, Interval, Spread, Table, Text
from reports.ledger.reading.load import load_run
from reports.render.cell_text import cell_text
from reports.render.csv import csv_table
from reports.render.drawing import draw_inline_svg
from reports.render.html import cell_html, html_table
from reports.render.latex import latex_table
from reports.render.markdown import markdown_table
from reports.render.terminal import terminal_table
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

ROOT = Path(__file__).parent.parent.parent
RENDERERS = {
    "md": markdown_table,
    "html": html_table,
    "tex": latex_table,
    "csv": csv_table,
    "terminal": lambda table: terminal_table(replace(table, is_whole=True), 10_000),
}
BETWEEN_NUMBERS = re.compile(r"\d (?:±|\\ensuremath\{\\pm\}) \d")


def seeded_run(folder, name, first):
    """Write a run with five seeds of a configuration and of three cells that the paper has."""
    builder = LedgerBuilder(folder / name)
    builder.searched(0, 0.8)
    cells = {"SUGRM": {}, "SUGRM - MRM": {"a": 1}, "text only": {"a": 2}}
    for seed in range(5):
        mae = first + 0.01 * seed**2
        builder.confirmed(name, 0, seed, mae, mae + 0.1)
        for place, (cell, changes) in enumerate(cells.items()):
            config = json.dumps({"cell": cell, "run": name})
            builder.cell(cell, seed, mae + 0.01 * place * seed, changes=changes, config=config)
    space = {
        **SPACE,
        "name": name,
        "ablations": {"modules": cells},
        "confirm": {"top": 1, "seeds": list(range(5))},
        "seeds": list(range(5)),
    }
    return builder.write(space)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return the golden report, one with intervals everywhere, and a comparison."""
    folder = tmp_path_factory.mktemp("runs")
    first, second = (seeded_run(folder, name, mae) for name, mae in (("a", 0.7), ("b", 0.6)))
    return [
        build_report(tiny_run(folder / "tiny")),
        build_report(first),
        comparison_of(load_run(first), load_run(second)),
    ]


def tables_of(reports):
    for report in reports:
        yield from report.tables
        yield from (table for table in (report.key_numbers, report.trials) if table)


def scalars(table, *kinds):
    for row in table.rows:
        for cell in row:
            halves = (cell.nonnegative, cell.positive) if isinstance(cell, Dual) else (cell,)
            yield from (half for half in halves if isinstance(half, kinds))


def test_intervals_are_in_the_reports_alone_and_beside_a_mean(reports):
    """Otherwise the tests below would hold of nothing."""
    kinds = {type(cell) for table in tables_of(reports) for cell in scalars(table, object)}
    assert {Spread, Interval, Estimate} <= kinds
    texts = {cell_text(cell) for table in tables_of(reports) for cell in scalars(table, Interval)}
    assert all(re.fullmatch(r"\[-?[\d.]+, -?[\d.]+\]", text) for text in texts)


@pytest.mark.parametrize("name", RENDERERS)
def test_no_cell_built_from_an_interval_holds_the_sign(reports, name):
    for table in tables_of(reports):
        for cell in scalars(table, Interval, Estimate):
            alone = Table(
                name="x",
                title="x",
                columns=(Column("y", "y", is_text=True), Column("z", "z")),
                rows=(),
            )
            text = RENDERERS[name](replace(alone, rows=((Text("a"), cell),)))
            assert "±" not in text
            assert "pm" not in text
            assert name == "csv" or "[" in text or cell.summary.low is None


@pytest.mark.parametrize("name", [name for name in RENDERERS if name != "csv"])
def test_every_sign_between_numbers_is_of_a_mean_with_its_deviation(reports, name):
    for table in tables_of(reports):
        spreads = [one for one in scalars(table, Spread) if one.summary.deviation is not None]
        assert len(BETWEEN_NUMBERS.findall(RENDERERS[name](table))) == len(spreads), table.name


def test_csv_names_what_a_number_is_and_holds_no_sign(reports):
    for table in tables_of(reports):
        text = csv_table(table)
        assert "±" not in text
        for column in table.columns:
            cells = [row[table.columns.index(column)] for row in table.rows]
            if any(isinstance(cell, Estimate) for cell in cells):
                head = text.partition("\n")[0].split(",")
                assert {column.name + end for end in ("", "_std", "_n", "_low", "_high")} <= set(
                    head
                )


@pytest.mark.slow
def test_the_cards_and_the_figures_hold_no_sign(reports):
    for report in reports:
        if report.key_numbers is not None:
            assert not any(
                "±" in cell_html(cell) for row in report.key_numbers.rows for cell in row
            )
        for figure in report.figures:
            assert "±" not in draw_inline_svg(figure)
            assert "±" not in " ".join([figure.title, figure.summary, *figure.notes])


def test_notes_and_documents_explain_the_sign_as_a_standard_deviation(reports):
    for table in tables_of(reports):
        for note in table.notes:
            assert note.text.count("±") == note.text.count("± standard deviation")
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = file.read_text(encoding="utf-8")
        assert "±" not in text or "± standard deviation" in text.replace("\n", " "), file.name
        assert not re.search(r"± (half|its|t\()", text), file.name
