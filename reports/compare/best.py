"""The metrics of the best of both runs."""

from collections import Counter
from collections.abc import Iterator

from reports.compare.side import Best, Pair, Side
from reports.content.table import (
    Cell,
    Column,
    Estimate,
    Missing,
    Note,
    Number,
    Scalar,
    Style,
    Table,
    Text,
)
from reports.ledger.reading.load import Results
from reports.results.confirmation import confirmation_of
from reports.results.dataset import dataset_of
from reports.results.hardware import hardware_notes
from reports.results.search_entries import Entry, search_entries
from reports.results.seed_groups import SeedGroup, first_baseline
from reports.tables.bounds import bounds_notes
from reports.tables.few_seeds import few_seeds_notes
from reports.tables.metrics import Metric, metrics_of, over_seeds

_SPLITS = ("valid", "test")


def best_of(results: Results) -> Best | None:
    """Return the best of a run by validation; None where nothing has finished.

    It is the chosen confirmed configuration, else the first of the leaderboard. For a run without
    a search it is the first ablation baseline that has run.
    """
    confirmation = confirmation_of(results)
    if confirmation.best is not None:
        return Best(confirmation.best_title, confirmation.best)
    entry = next(iter(search_entries(results)), None)
    if entry is not None and entry.rank is not None:
        numbers = ", ".join(map(str, entry.numbers))
        return Best(f"search trial {numbers}, not confirmed", _unconfirmed(entry))
    baseline = first_baseline(results)
    return None if baseline is None else Best(*baseline)


def _unconfirmed(entry: Entry) -> SeedGroup:
    return SeedGroup(
        group="",
        cell="",
        number=0,
        changes=entry.changes,
        finished={trial.seed: trial for trial in entry.trials},
        failed=(),
        planned=tuple(trial.seed for trial in entry.trials),
    )


def side_by_side(pair: Pair) -> Table:
    """Return the validation and test metrics of both runs' best."""
    return Table(
        name="compare_best",
        title=f"Comparison: the best of {pair.first.name} and of {pair.second.name}",
        columns=tuple(_columns(pair)),
        rows=tuple(_rows(pair)),
        notes=tuple(_notes(pair)),
        folds=True,
        is_whole=True,
    )


def _columns(pair: Pair) -> Iterator[Column]:
    yield Column("metric", "metric", is_text=True)
    for place, side in zip(("first", "second"), pair.sides, strict=True):
        for split in _SPLITS:
            yield Column(f"{place}_{split}", split, group=side.name)


def _rows(pair: Pair) -> Iterator[tuple[Cell, ...]]:
    places = [(side, split) for side in pair.sides for split in _SPLITS]
    yield Text("seeds"), *(_seeds(side) for side, _ in places)
    for metric, title in _shown(pair).items():
        yield Text(title), *(_estimate(*place, metric=metric) for place in places)


def _shown(pair: Pair) -> dict[Metric, str]:
    """Return the metrics of either run with their titles; equal titles name their dataset."""
    owners: dict[Metric, Side] = {}
    for side in pair.sides:
        for metric in metrics_of(side.results).shown:
            owners.setdefault(metric, side)
    counts = Counter(metric.title for metric in owners)
    return {
        metric: metric.title
        if counts[metric.title] == 1
        else f"{metric.title}, classes of {dataset_of(side.results).title}"
        for metric, side in owners.items()
    }


def _seeds(side: Side) -> Scalar:
    return Number(len(side.best.setting.finished), Style.INTEGER) if side.best else Missing()


def _estimate(side: Side, split: str, *, metric: Metric) -> Scalar:
    summary = over_seeds(side.best.setting, split, metric=metric.name) if side.best else None
    return Missing() if summary is None else Estimate(summary, metric.style)


def _notes(pair: Pair) -> Iterator[Note]:
    if pair.warning:
        yield Note(pair.warning)
    found = {side.name: side.best.setting for side in pair.sides if side.best is not None}
    trials = {name: setting.finished.values() for name, setting in found.items()}
    yield from hardware_notes(trials, what="the best")
    yield from map(_chosen, pair.sides)
    yield Note(
        "Mean over seeds and its two-sided 95 % t interval [low, high]. Accuracies and F1 in "
        "percent. Test metrics choose nothing."
    )
    yield from few_seeds_notes({name: len(setting.finished) for name, setting in found.items()})
    yield from bounds_notes(
        (metric, over_seeds(setting, split, metric=metric.name))
        for metric in _shown(pair)
        for setting in found.values()
        for split in _SPLITS
    )
    if pair.obstacle:
        yield Note(f"The best of both runs cannot be tested: {pair.obstacle}.")


def _chosen(side: Side) -> Note:
    """Return what the best of a run is, or that it has none."""
    if side.best is None:
        return Note(f"{side.name}: it has no best, because nothing has finished.")
    metric = side.results.experiment.metric
    return Note(f"{side.name}: {side.best.name}; chosen by valid/{metric}.")
