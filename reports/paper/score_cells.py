"""The cells of the paper's tables of results: ours, the paper's, and their difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reports.content.table import Emphasis, Missing, Number, Scalar, Spread
from reports.paper.rows.grid import Grid
from reports.paper.verdicts import emphases_of, verdict_of
from reports.statistics import VERDICT_SEEDS, Summary
from reports.tables.few_seeds import seed_interval
from reports.tables.metrics import Metric, MetricSet

_ORDER = ("F1", "Acc-2", "MAE", "Corr")
"""The paper's columns in its order; F1 and Acc-2 each have two kinds on its datasets."""


def columns_of(metrics: MetricSet) -> dict[str, str]:
    """Return title by name of the paper's columns that a dataset with these metrics has."""
    names = {title: name for name, title in metrics.titles}
    return {names[title]: title for title in _ORDER if title in names}


def metrics_in(metrics: MetricSet) -> tuple[Metric, ...]:
    """Return the metrics of these columns, in their order."""
    return tuple(
        metric
        for name in columns_of(metrics)
        for metric in metrics.shown
        if metric.name == name or metric.name.startswith(f"{name}_")
    )


Marks = Mapping[tuple[str, Metric], Mapping[str, Emphasis]]
"""By dataset and metric, the emphasis of each row."""


def marks_of(grid: Grid) -> Marks:
    """Return the emphasis of our numbers in each column, among rows on the same data."""
    return {
        (dataset, metric): {
            row: emphasis
            for rows in grid.rows_by_data(dataset).values()
            for row, emphasis in _emphases(grid, dataset, rows=rows, metric=metric).items()
        }
        for dataset in grid.datasets
        for metric in metrics_in(grid.metrics(dataset))
    }


def _emphases(
    grid: Grid, dataset: str, *, rows: Sequence[str], metric: Metric
) -> Mapping[str, Emphasis]:
    # Best and better need the seeds of a verdict; better needs them of the baseline too.
    enough = {row for row in rows if grid.seeds(dataset, row) >= VERDICT_SEEDS}
    baselines = {row: grid.layout.baseline_of(row) for row in enough}
    summaries = {row: grid.summary(dataset, row, metric=metric.name) for row in rows}
    means = {row: summary.mean for row, summary in summaries.items() if summary is not None}
    return emphases_of(
        means,
        {row: name for row, name in baselines.items() if name in enough},
        metric=metric,
        enough=enough,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """A row of a table of the paper on one dataset; each method returns one of its cells."""

    grid: Grid
    dataset: str
    row: str

    def ours(self, metric: Metric, marks: Marks) -> Scalar:
        """Return mean and standard deviation over our seeds, or why there are none."""
        summary = self._summary(metric)
        if summary is None:
            return self._gap
        emphasis = marks.get((self.dataset, metric), {}).get(self.row, Emphasis.NONE)
        return Spread(summary, metric.style, emphasis=emphasis)

    def our_interval(self, metric: Metric) -> Scalar:
        """Return the interval of our mean, or why there is none."""
        summary = self._summary(metric)
        return self._gap if summary is None else seed_interval(summary, metric.style)

    def theirs(self, metric: Metric) -> Scalar:
        """Return the paper's value."""
        value = self._published(metric)
        return Missing() if value is None else Number(value, metric.style)

    def difference(self, metric: Metric) -> Scalar:
        """Return ours - the paper's with its verdict, or why there is none."""
        summary, published = self._summary(metric), self._published(metric)
        if published is None:
            return Missing()
        if summary is None:
            return self._gap
        verdict = verdict_of(summary, published, metric=metric)
        return Number(summary.mean - published, metric.style, signed=True, verdict=verdict)

    def shown_difference(self, metric: Metric) -> Scalar:
        """Return the difference for a table to read.

        A note names the rows with too few seeds for a verdict, so their cells do not.
        """
        found = self.difference(metric)
        if isinstance(found, Number) and self.grid.seeds(self.dataset, self.row) < VERDICT_SEEDS:
            return replace(found, verdict="")
        return found

    def _summary(self, metric: Metric) -> Summary | None:
        return self.grid.summary(self.dataset, self.row, metric=metric.name)

    def _published(self, metric: Metric) -> float | None:
        return self.grid.published(self.dataset, self.row).get(metric.name)

    @property
    def _gap(self) -> Missing:
        return Missing(self.grid.why_missing(self.dataset, self.row))
