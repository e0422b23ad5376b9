"""The key numbers of a page: the result of the search beside the published values."""

from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.paper.verdicts import verdict_of
from reports.results.confirmation import confirmation_of
from reports.results.seed_groups import SeedGroup
from reports.statistics import INTERVAL_SEEDS, VERDICT_SEEDS, Summary
from reports.tables.bounds import exceeds_range
from reports.tables.few_seeds import seed_interval
from reports.tables.metrics import Metric, metrics_of, over_seeds, seeds_cell
from reports.tables.published_values import published_notes, published_values

_BESIDE = ("published", "difference")
_COLUMNS = (
    Column("metric", "metric", is_text=True),
    Column("mean", "mean over seeds"),
    Column("interval", "95 % interval"),
    Column("published", "published"),
    Column("difference", "difference"),
    Column("seeds", "seeds"),
)


def key_numbers(results: Results) -> Table | None:
    """Return test MAE, Acc-2 and Corr of the configuration that validation chose.

    Each row is a card: metric, mean over seeds, then the other columns. None before a
    confirmation has finished.
    """
    confirmation = confirmation_of(results)
    chosen = confirmation.best
    if chosen is None:
        return None
    source, published = published_values(results, confirmation)
    columns = [column for column in _COLUMNS if published or column.name not in _BESIDE]
    rows = _rows(metrics_of(results).key, chosen, published=published)
    return Table(
        name="key_numbers",
        title="Key numbers",
        columns=tuple(columns),
        rows=tuple(tuple(row[column.name] for column in columns) for row in rows),
        notes=(
            *_notes(results, confirmation.best_title, source=source if published else ""),
            *published_notes(results, confirmation),
        ),
    )


def _rows(
    metrics: Sequence[Metric], chosen: SeedGroup, *, published: Mapping[str, float]
) -> Iterator[dict[str, Cell]]:
    """Yield the cells of each key metric by the names of their columns."""
    for metric in metrics:
        ours = over_seeds(chosen, "test", metric=metric.name)
        if ours is not None:
            yield _cells(chosen, metric, ours=ours, published=published.get(metric.name))


def _cells(
    chosen: SeedGroup, metric: Metric, *, ours: Summary, published: float | None
) -> dict[str, Cell]:
    unit = " (%)" if metric.style is Style.PERCENT else ""
    return {
        "metric": Text(f"Test {metric.title}{unit}"),
        "mean": Number(ours.mean, metric.style),
        **_beside(ours, published, metric=metric),
        "interval": Missing("too wide to state")
        if exceeds_range(metric, ours)
        else seed_interval(ours, metric.style),
        "seeds": seeds_cell(chosen),
    }


def _beside(ours: Summary, published: float | None, *, metric: Metric) -> dict[str, Cell]:
    """Return the cells of the published value and of the difference from it."""
    if published is None:
        return dict.fromkeys(_BESIDE, Missing())
    verdict = verdict_of(ours, published, metric=metric)
    return {
        "published": Number(published, metric.style),
        "difference": Number(ours.mean - published, metric.style, signed=True, verdict=verdict),
    }


def _notes(results: Results, title: str, *, source: str) -> list[Note]:
    """Return what the numbers are; ``source`` is that of the published ones, "" without any."""
    metrics = metrics_of(results)
    better = (
        "Lower MAE, higher Corr and higher Acc-2" if metrics.acc2 else "Lower MAE and higher Corr"
    )
    ours = (
        f"Test metrics of the {title} alone: means over seeds. 95 % interval: two-sided t interval "
        f"of the mean; it needs {INTERVAL_SEEDS} seeds and is too wide to state if it exceeds the "
        f"range of the metric. Seeds: finished / planned. {better} are better."
    )
    theirs = (
        f"Published: {source}, which states no number of seeds. Difference: ours - published. No "
        "difference shown means that the published value lies in our interval (the half width is "
        f"given in brackets); better or worse needs {VERDICT_SEEDS} seeds. It is no significance "
        "test and has no correction."
    )
    classes = metrics.notes if metrics.kind == "sims" else ()
    return [Note(ours), *classes, *([Note(theirs)] if source else [])]
