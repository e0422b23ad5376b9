"""A table of the paper as tidy data: a line for each dataset, row and metric."""

from collections.abc import Iterator

from reports.content.table import Cell, Column, Estimate, Missing, Number, Table, Text
from reports.paper.rows.grid import Grid
from reports.paper.rows.preset_differences import other_settings
from reports.paper.score_cells import GridRow, metrics_in
from reports.published.differing_settings import in_words
from reports.tables.metrics import Metric

_COLUMNS = (
    Column("dataset", "dataset", is_text=True),
    Column("row", "row", is_text=True),
    Column("metric", "metric", is_text=True),
    Column("ours", "ours"),
    Column("published", "published"),
    Column("difference", "difference"),
    Column("verdict", "verdict", is_text=True),
    Column("settings", "settings other than the preset's", is_text=True),
)


def tidy_table(grid: Grid) -> Table:
    """Return all numbers of ``grid`` in full, with each verdict in its own column."""
    return Table(
        name=f"paper_table_{grid.layout.number}_cells",
        title=f"Table {grid.layout.number} of the paper, cell by cell",
        columns=_COLUMNS,
        rows=tuple(
            tuple(_record(GridRow(grid=grid, dataset=dataset, row=row), metric))
            for dataset in grid.datasets
            for row in grid.rows
            for metric in metrics_in(grid.metrics(dataset))
        ),
        is_data=True,
    )


def _record(row: GridRow, metric: Metric) -> Iterator[Cell]:
    grid, difference = row.grid, row.difference(metric)
    yield Text(row.dataset)
    yield Text(row.row)
    yield Text(metric.name)
    summary = grid.summary(row.dataset, row.row, metric=metric.name)
    yield Missing() if summary is None else Estimate(summary, metric.style)
    yield row.theirs(metric)
    if isinstance(difference, Number):
        yield Number(difference.value, metric.style)
        yield Text(difference.verdict)
    else:
        yield Missing()
        yield Text(
            "" if grid.has_run(row.dataset, row.row) else grid.why_missing(row.dataset, row.row)
        )
    yield Text(in_words(other_settings(grid, row.dataset, row=row.row)))
