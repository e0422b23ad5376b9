"""The key numbers of a run: test metrics of what validation chose, beside baseline and paper."""

from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.overview.chosen import Chosen, chosen_of
from reports.overview.published_beside import Published, published_beside
from reports.paper.verdicts import verdict_of
from reports.statistics import INTERVAL_SEEDS, VERDICT_SEEDS, Summary
from reports.tables.bounds import exceeds_range
from reports.tables.few_seeds import seed_interval
from reports.tables.metrics import Metric, metrics_of, over_seeds, seeds_cell

_OF_PAPER = ("published", "difference")
_COLUMNS = (
    Column("metric", "metric", is_text=True),
    Column("mean", "mean over seeds"),
    Column("interval", "95 % interval"),
    Column("baseline", "baseline"),
    Column("published", "published"),
    Column("difference", "difference"),
    Column("seeds", "seeds"),
)


def key_numbers(results: Results) -> Table | None:
    """Return test MAE, Acc-2 and Corr of the setting that validation chose.

    Each row is a card: metric, mean over seeds, then the other columns. None before a confirmation
    or, in a run without a search, a cell has finished.
    """
    chosen = chosen_of(results)
    if chosen is None:
        return None
    published = published_beside(results, chosen)
    left_out = (
        *(() if published.values else _OF_PAPER),
        *(() if chosen.baseline else ("baseline",)),
    )
    columns = [column for column in _COLUMNS if column.name not in left_out]
    rows = _rows(metrics_of(results).key, chosen, published=published.values)
    return Table(
        name="key_numbers",
        title="Key numbers",
        columns=tuple(columns),
        rows=tuple(tuple(row[column.name] for column in columns) for row in rows),
        notes=tuple(_notes(results, chosen, published=published)),
    )


def _rows(
    metrics: Sequence[Metric], chosen: Chosen, *, published: Mapping[str, float]
) -> Iterator[dict[str, Cell]]:
    """Yield the cells of each key metric by the names of their columns."""
    for metric in metrics:
        ours = over_seeds(chosen.setting, "test", metric=metric.name)
        if ours is not None:
            yield _cells(chosen, metric, ours=ours, published=published.get(metric.name))


def _cells(
    chosen: Chosen, metric: Metric, *, ours: Summary, published: float | None
) -> dict[str, Cell]:
    unit = " (%)" if metric.style is Style.PERCENT else ""
    return {
        "metric": Text(f"Test {metric.title}{unit}"),
        "mean": Number(ours.mean, metric.style),
        "baseline": _baseline(chosen, metric),
        **_beside(ours, published, metric=metric),
        "interval": Missing("too wide to state")
        if exceeds_range(metric, ours)
        else seed_interval(ours, metric.style),
        "seeds": seeds_cell(chosen.setting),
    }


def _baseline(chosen: Chosen, metric: Metric) -> Cell:
    """Return the baseline's mean over the seeds of both."""
    if chosen.baseline_beside is None:
        return Missing()
    theirs = over_seeds(chosen.baseline_beside, "test", metric=metric.name)
    return Missing() if theirs is None else Number(theirs.mean, metric.style)


def _beside(ours: Summary, published: float | None, *, metric: Metric) -> dict[str, Cell]:
    """Return the cells of the published value and of the difference from it."""
    if published is None:
        return dict.fromkeys(_OF_PAPER, Missing())
    verdict = verdict_of(ours, published, metric=metric)
    return {
        "published": Number(published, metric.style),
        "difference": Number(ours.mean - published, metric.style, signed=True, verdict=verdict),
    }


def _notes(results: Results, chosen: Chosen, *, published: Published) -> Iterator[Note]:
    """Yield what the numbers are."""
    metrics = metrics_of(results)
    better = (
        "Lower MAE, higher Corr and higher Acc-2" if metrics.acc2 else "Lower MAE and higher Corr"
    )
    yield Note(
        f"Test metrics of {chosen.title} alone: means over seeds. 95 % "
        f"interval: two-sided t interval of the mean; it needs {INTERVAL_SEEDS} seeds and is too "
        "wide to state if it exceeds the range of the metric. Seeds: finished / planned. "
        f"{better} are better."
    )
    if chosen.baseline is not None:
        yield Note(f"Baseline: {chosen.baseline_title}; {chosen.baseline_seeds}.")
    yield from metrics.notes if metrics.kind == "sims" else ()
    if published.values:
        yield Note(
            f"Published: {published.source}, which states no number of seeds. Difference: ours - "
            "published. No difference shown means that the published value lies in our interval "
            f"(the half width is given in brackets); better or worse needs {VERDICT_SEEDS} seeds. "
            "It is no significance test and has no correction."
        )
    yield from published.notes
