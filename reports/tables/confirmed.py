"""The confirmed configurations over seeds, the one chosen on validation, and the paper's values."""

from collections.abc import Iterator, Mapping

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.schema import SEARCH
from reports.results.confirmation import Confirmation, confirmation_of
from reports.results.hardware import hardware_notes
from reports.results.seed_groups import SeedGroup
from reports.statistics import summarise
from reports.tables.changed_options import changed_options
from reports.tables.intervals import intervals
from reports.tables.metrics import (
    MetricCell,
    MetricSet,
    metrics_of,
    number,
    over_seeds,
    seeds_cell,
    spread,
)
from reports.tables.published_values import published_notes, published_values
from reports.tables.search_to_confirmation import search_to_confirmation
from reports.tables.selection import confirmed_selection


def confirmed(results: Results) -> tuple[Table, ...]:
    """Return the configurations, their intervals, settings and selection; none without any."""
    confirmation = confirmation_of(results)
    if not confirmation.configurations:
        return ()
    return (
        _overview(results, confirmation),
        *search_to_confirmation(results, confirmation),
        intervals(results, confirmation),
        *changed_options(results, confirmation),
        *confirmed_selection(results, confirmation),
    )


def _overview(results: Results, confirmation: Confirmation) -> Table:
    rows = [
        tuple(_row(results, confirmation, place=place, split=split))
        for place in range(len(confirmation.configurations))
        for split in ("valid", "test")
    ]
    _, published = published_values(results, confirmation)
    if published:
        rows.append(_published_row(metrics_of(results), published))
    return Table(
        name="confirmed",
        title="Confirmed configurations over seeds",
        columns=_columns(metrics_of(results)),
        rows=tuple(rows),
        notes=tuple(_notes(results, confirmation)),
    )


def _columns(metrics: MetricSet) -> tuple[Column, ...]:
    return (
        Column("configuration", "configuration", is_text=True),
        Column("trial", "search trial"),
        Column("split", "split", is_text=True),
        Column("seeds", "seeds"),
        *metrics.columns(),
        Column("epochs", "epochs"),
        Column("seconds_per_epoch", "s / epoch"),
    )


def _row(results: Results, confirmation: Confirmation, *, place: int, split: str) -> Iterator[Cell]:
    configuration = confirmation.configurations[place]
    yield Text(confirmation.label(place))
    yield Text(_search_trials(results, configuration))
    yield Text(split)
    yield seeds_cell(configuration)
    yield from _spreads(metrics_of(results), configuration, split=split)
    yield _mean_of(configuration, "epochs")
    yield _mean_of(configuration, "seconds_per_epoch")


def _published_row(metrics: MetricSet, published: Mapping[str, float]) -> tuple[Cell, ...]:
    cells = metrics.cells(lambda metric, style: number(published, metric, style=style))
    unknown = Missing()
    return (Text("published"), unknown, Text("test"), unknown, *cells, unknown, unknown)


def _notes(results: Results, confirmation: Confirmation) -> Iterator[Note]:
    metric = f"valid/{results.experiment.metric}"
    yield Note("Mean ± standard deviation (n - 1) over seeds; seeds: finished / planned.")
    yield from metrics_of(results).notes
    if confirmation.chosen is not None:
        yield Note(
            f"Chosen: the best mean {metric} over seeds among those with the most finished seeds; "
            "its test metrics are the result of the search."
        )
    if not any(configuration.changes for configuration in confirmation.configurations):
        yield Note("Options: the fixed values of the space, without a change.")
    missing = sum(len(configuration.missing) for configuration in confirmation.configurations)
    if missing:
        yield Note(f"Missing runs: {missing}. Run them with:", results.command)
    source, published = published_values(results, confirmation)
    if published:
        yield Note(f"Published: {source}, which states no number of seeds.")
    yield from published_notes(results, confirmation)
    yield from _mixture_notes(confirmation)


def _mixture_notes(confirmation: Confirmation) -> Iterator[Note]:
    """Yield whether the trials ran on different machines or under earlier versions."""
    rows = {
        f"configuration {confirmation.label(place)}": configuration.finished.values()
        for place, configuration in enumerate(confirmation.configurations)
    }
    yield from hardware_notes(rows, what="the configurations")
    superseded = sum(configuration.superseded for configuration in confirmation.configurations)
    if superseded:
        yield Note(f"Left out: {superseded} runs of earlier versions of the space.")


def _search_trials(results: Results, configuration: SeedGroup) -> str:
    """Return the numbers of the search trials of a configuration."""
    numbers = {
        role.number
        for role in results.roles
        if role.phase == SEARCH and role.key == configuration.group
    }
    return ", ".join(map(str, sorted(numbers))) or "-"


def _spreads(metrics: MetricSet, configuration: SeedGroup, *, split: str) -> tuple[MetricCell, ...]:
    return metrics.cells(
        lambda metric, style: spread(over_seeds(configuration, split, metric=metric), style)
    )


def _mean_of(setting: SeedGroup, field: str) -> Cell:
    values = [trial.column(field) for trial in setting.finished.values()]
    summary = summarise([value for value in values if value is not None])
    return Number(summary.mean, Style.SECONDS) if summary else Missing()
