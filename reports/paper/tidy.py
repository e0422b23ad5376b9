"""A table of the paper for programs: a line for each dataset, row and metric."""

from collections.abc import Iterator

from reports.content.table import Cell, Column, Estimate, Missing, Number, Table, Text
from reports.paper.rows.grid import Grid
from reports.paper.rows.settings import other_settings
from reports.paper.score_cells import METRICS, difference, theirs
from reports.published.differing_settings import in_words
from reports.tables.metrics import Metric


def long_table(grid: Grid) -> Table:
    """Return all numbers of ``grid`` in full, with what each verdict is."""
    return Table(
        name=f"paper_table_{grid.form.number}_cells",
        title=f"Table {grid.form.number} of the paper, cell by cell",
        columns=(
            Column("dataset", "dataset", is_text=True),
            Column("row", "row", is_text=True),
            Column("metric", "metric", is_text=True),
            Column("ours", "ours"),
            Column("published", "published"),
            Column("difference", "difference"),
            Column("verdict", "verdict", is_text=True),
            Column("settings", "settings other than the preset's", is_text=True),
        ),
        rows=tuple(
            tuple(_record(grid, dataset, row, metric))
            for dataset in grid.datasets
            for row in grid.rows
            for metric in METRICS
        ),
        is_data=True,
    )


def _record(grid: Grid, dataset: str, row: str, metric: Metric) -> Iterator[Cell]:
    gap = difference(grid, dataset, row, metric)
    yield Text(dataset)
    yield Text(row)
    yield Text(metric.name)
    summary = grid.summary(dataset, row, metric.name)
    yield Missing() if summary is None else Estimate(summary, metric.style)
    yield theirs(grid, dataset, row, metric)
    if isinstance(gap, Number):
        yield Number(gap.value, metric.style)
        yield Text(gap.verdict)
    else:
        yield Missing()
        yield Text("" if grid.has_run(dataset, row) else grid.gap(dataset, row))
    yield Text(in_words(other_settings(grid, dataset, row)))
