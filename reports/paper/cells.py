"""The cells of the paper's tables of results: ours, the paper's, and their difference."""

import math
from collections.abc import Mapping, Sequence

from reports.paper.grid import Grid
from reports.paper.verdicts import emphases_of, verdict_of
from reports.table import Emphasis, Estimate, Missing, Number, Scalar
from reports.tables.metrics import SHOWN, Metric

COLUMNS = {"f1": "F1", "acc2": "Acc-2", "mae": "MAE", "corr": "Corr"}
"""Title by name, in the paper's order; F1 and Acc-2 both ways."""
METRICS = tuple(
    metric
    for name in COLUMNS
    for metric in SHOWN
    if metric.name == name or metric.name.startswith(f"{name}_")
)
"""The metrics of these columns, in their order."""

Marks = Mapping[tuple[str, Metric], Mapping[str, Emphasis]]
"""By dataset and metric, how each row stands out."""


def marks_of(grid: Grid) -> Marks:
    """Return how our numbers stand out, each column by itself, among rows on the same data."""
    return {
        (dataset, metric): {
            row: emphasis
            for rows in grid.rows_by_data(dataset).values()
            for row, emphasis in _emphases(grid, dataset, rows, metric).items()
        }
        for dataset in grid.datasets
        for metric in METRICS
    }


def _emphases(
    grid: Grid, dataset: str, rows: Sequence[str], metric: Metric
) -> Mapping[str, Emphasis]:
    baselines = {row: grid.form.baseline_of(row) for row in rows}
    summaries = {row: grid.summary(dataset, row, metric.name) for row in rows}
    means = {row: summary.mean for row, summary in summaries.items() if summary is not None}
    return emphases_of(means, baselines, metric)


def ours(grid: Grid, dataset: str, row: str, metric: Metric, marks: Marks | None = None) -> Scalar:
    """Return the mean over our seeds with its interval, or what is in its place."""
    summary = grid.summary(dataset, row, metric.name)
    if summary is None:
        return Missing(grid.gap(dataset, row))
    if math.isnan(summary.mean):
        return Number(summary.mean, metric.style)
    emphasis = (marks or {}).get((dataset, metric), {}).get(row, Emphasis.NONE)
    return Estimate(summary, metric.style, emphasis=emphasis)


def theirs(grid: Grid, dataset: str, row: str, metric: Metric) -> Scalar:
    """Return the paper's value."""
    value = grid.published(dataset, row).get(metric.name)
    return Missing() if value is None else Number(value, metric.style)


def difference(grid: Grid, dataset: str, row: str, metric: Metric) -> Scalar:
    """Return ours - the paper's with its verdict, or what is in its place."""
    summary = grid.summary(dataset, row, metric.name)
    published = grid.published(dataset, row).get(metric.name)
    if published is None:
        return Missing()
    if summary is None:
        return Missing(grid.gap(dataset, row))
    verdict = verdict_of(summary, published, metric)
    return Number(summary.mean - published, metric.style, signed=True, verdict=verdict)
