"""Which of the paper's tables have a value of some run."""

from collections.abc import Iterator, Sequence

from reports.ledger.reading.load import Results
from reports.paper.rows.best_configurations import best_configurations
from reports.paper.rows.grid import grid_of
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.splits import loaded_datasets
from reports.paper.table_5 import table_5
from reports.published.setup import datasets_with_splits


def available_tables(runs: Sequence[Results]) -> tuple[str, ...]:
    """Return the numbers of the tables with at least one value of ``runs``, ascending."""
    return tuple(sorted(_available(runs)))


def _available(runs: Sequence[Results]) -> Iterator[str]:
    for number, layout in LAYOUTS.items():
        if grid_of(layout, runs).filled:
            yield number
    if table_5(runs)[0].rows:
        yield "5"
    if loaded_datasets(runs) & set(datasets_with_splits()):
        yield "6"
    if set(best_configurations(runs)) & set(datasets_with_splits()):
        yield "7"
