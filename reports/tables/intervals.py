"""The confirmed configurations, metric by metric: intervals and published values."""

from collections.abc import Iterator, Mapping

from reports.content.table import Cell, Column, Missing, Note, Number, Scalar, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.results.confirmation import Confirmation
from reports.results.seed_groups import SeedGroup
from reports.statistics import INTERVAL_SEEDS, Summary
from reports.tables.bounds import bounds_notes
from reports.tables.few_seeds import seed_interval
from reports.tables.metrics import Metric, metrics_of, number, over_seeds, spread
from reports.tables.published_values import published_notes, published_values

_COLUMNS = (
    Column("configuration", "configuration", is_text=True),
    Column("metric", "metric", is_text=True),
    Column("n", "n"),
    Column("test", "test"),
    Column("test_interval", "test 95 % interval"),
    Column("published", "published"),
    Column("difference", "difference"),
    Column("valid", "valid"),
    Column("valid_interval", "valid 95 % interval"),
)
_BESIDE = ("published", "difference")


def intervals(results: Results, confirmation: Confirmation) -> Table:
    """Return the table of every metric of every configuration."""
    _, published = published_values(results, confirmation)
    metrics = metrics_of(results)
    # The paper has no results in other metrics than MOSI's.
    beside = metrics.kind == "mosi"
    shown = [place for place, one in enumerate(_COLUMNS) if beside or one.name not in _BESIDE]
    rows = [
        (Text(confirmation.label(place)), *_row(configuration, metric, published=published))
        for place, configuration in enumerate(confirmation.configurations)
        for metric in metrics.shown
    ]
    return Table(
        name="confirmed_intervals",
        title=f"Confirmed configurations: intervals{' and published values' if beside else ''}",
        columns=tuple(_COLUMNS[place] for place in shown),
        rows=tuple(tuple(row[place] for place in shown) for row in rows),
        notes=tuple(_notes(results, confirmation)),
    )


def _notes(results: Results, confirmation: Confirmation) -> Iterator[Note]:
    yield Note(
        "Mean ± standard deviation (n - 1) over seeds; n: seeds with a test score. Interval: "
        "95 % two-sided t interval of the mean over seeds, which reaches t(0.975, n - 1) s / √n "
        f"below and above it; it needs {INTERVAL_SEEDS} seeds."
    )
    source, published = published_values(results, confirmation)
    if published:
        yield Note(
            f"Published: {source}; the paper states no number of seeds. "
            "Difference: ours - published."
        )
    yield from published_notes(results, confirmation)
    yield from bounds_notes(
        (metric, over_seeds(configuration, split, metric=metric.name))
        for metric in metrics_of(results).shown
        for configuration in confirmation.configurations
        for split in ("test", "valid")
    )


def _row(
    configuration: SeedGroup, metric: Metric, *, published: Mapping[str, float]
) -> tuple[Cell, ...]:
    valid = over_seeds(configuration, "valid", metric=metric.name)
    test = over_seeds(configuration, "test", metric=metric.name)
    return (
        Text(metric.title),
        Number(test.count or 0, Style.INTEGER) if test else Missing(),
        spread(test, metric.style),
        seed_interval(test, metric.style),
        number(published, metric.name, style=metric.style),
        _difference(test, published.get(metric.name), style=metric.style),
        spread(valid, metric.style),
        seed_interval(valid, metric.style),
    )


def _difference(summary: Summary | None, published: float | None, *, style: Style) -> Scalar:
    if summary is None or published is None:
        return Missing()
    return Number(summary.mean - published, style, signed=True)
