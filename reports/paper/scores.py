"""Tables 1, 2, 3, 4 and 8 in the paper's layout: ours, the paper's, and the difference."""

from collections.abc import Callable, Iterator, Sequence

from reports.content.table import Cell, Column, Scalar, Table, Text
from reports.ledger.reading.load import Results
from reports.paper.notes import notes
from reports.paper.rows.grid import Grid, grid_of
from reports.paper.rows.layouts import EXTRA_ROWS, Layout, dataset_title
from reports.paper.score_cells import GridRow, Marks, columns_of, marks_of
from reports.paper.tidy import tidy_table
from reports.paper.training_costs import costs
from reports.tables.metrics import METRICS, Metric

Draw = Callable[[GridRow, Metric], Scalar]
"""Makes the cell of one row on one dataset and of one metric."""


def paper_table(layout: Layout, runs: Sequence[Results]) -> tuple[Table, ...]:
    """Return a table of the paper filled by ``runs``, the table of its costs, and it as data."""
    grid = grid_of(layout, runs)
    return (_scores(grid), *costs(grid), tidy_table(grid))


def _scores(grid: Grid) -> Table:
    layout, marks = grid.layout, marks_of(grid)
    rows = [(row, line) for row in grid.rows for line in _lines(grid, marks, row=row)]
    return Table(
        name=f"paper_table_{layout.number}",
        title=f"Table {layout.number} of the paper: {layout.title}",
        columns=(
            Column("row", layout.heading, is_text=True),
            *(
                Column(f"{dataset}_{name}", title, group=dataset_title(dataset))
                for dataset in grid.datasets
                for name, title in columns_of(grid.metrics(dataset)).items()
            ),
        ),
        rows=tuple(line for _, line in rows),
        notes=tuple(notes(grid)),
        folds=True,
        is_whole=True,
        unrun=tuple(
            place
            for place, (row, _) in enumerate(rows)
            if not any(grid.has_run(dataset, row) for dataset in grid.datasets)
        ),
    )


def _lines(grid: Grid, marks: Marks, *, row: str) -> Iterator[tuple[Cell, ...]]:
    """Yield the lines of a row: ours, its interval, the paper's, the difference of both."""
    label = f"{row} (extra)" if row in EXTRA_ROWS else row
    cells = [GridRow(grid=grid, dataset=dataset, row=row) for dataset in grid.datasets]
    yield Text(label), *_cells(cells, lambda cell, metric: cell.ours(metric, marks))
    if any(grid.has_run(dataset, row) for dataset in grid.datasets):
        yield Text("  95 % interval"), *_cells(cells, GridRow.our_interval)
    with_paper = [dataset for dataset in grid.datasets if grid.published(dataset, row)]
    if with_paper:
        yield Text("  paper"), *_cells(cells, GridRow.theirs)
    if any(grid.has_run(dataset, row) for dataset in with_paper):
        yield Text("  difference"), *_cells(cells, GridRow.shown_difference)


def _cells(rows: Sequence[GridRow], draw: Draw) -> Iterator[Cell]:
    for row in rows:

        def one(metric: str, _: object, *, row: GridRow = row) -> Scalar:
            return draw(row, METRICS[metric])

        metrics = row.grid.metrics(row.dataset)
        yield from (metrics.cell(name, one) for name in columns_of(metrics))
