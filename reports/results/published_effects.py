"""Differences between the paper's rows that have the names of an ablation's cells."""

from collections.abc import Mapping, Sequence

from reports.ledger.reading.load import Results
from reports.published.cells import published_row, tables_with
from reports.published.streams import left_out_streams
from reports.results.corpora import data_of_setting
from reports.results.missing import alignment_of
from reports.results.seed_groups import SeedGroup

Differences = Mapping[str, Mapping[str, float]]
"""Cell -> metric -> difference."""


def published_differences(
    results: Results, baseline: SeedGroup, *, cells: Sequence[SeedGroup]
) -> tuple[str, Differences]:
    """Return, by cell, the paper's value minus its value for the baseline.

    Rows are found by name, on the dataset and alignment that the cells read. Cells on data without
    the sizes of the paper's splits, or that leave a stream out, have no difference. All
    differences come from one table, which is one experiment: the table that has the baseline and
    most of the cells, the first of them in the paper's order.

    Returns:
        The number of the table, "" without one, and the differences; a cell that the table lacks
        is absent. They are rounded like the printed values, so that 0.9 - 0.8 equals 0.8 - 0.7.
    """
    dataset = results.experiment.dataset

    def tables(cell: SeedGroup) -> tuple[str, ...]:
        data = data_of_setting(results, cell)
        if data is not None and not data.is_published:
            return ()
        if any(left_out_streams(trial.config) for trial in cell.trials):
            return ()
        return tables_with(dataset, alignment_of(results, cell), row=cell.cell)

    others = [cell for cell in cells if cell is not baseline]
    shared = {number: sum(number in tables(one) for one in others) for number in tables(baseline)}
    table = max(shared, key=lambda number: shared[number], default="")
    base = published_row(table, dataset, row=baseline.cell)
    found = {}
    for cell in others:
        if table in tables(cell):
            row = published_row(table, dataset, row=cell.cell)
            common = [name for name in row if name in base]
            found[cell.cell] = {name: round(row[name] - base[name], 6) for name in common}
    return table, found
