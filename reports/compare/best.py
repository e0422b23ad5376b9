"""The metrics of the best of both runs."""

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
from reports.results.hardware import hardware_notes
from reports.results.search_entries import Entry, search_entries
from reports.results.seed_groups import SeedGroup, first_baseline
from reports.tables.bounds import bounds_notes
from reports.tables.few_seeds import few_seeds_notes
from reports.tables.metrics import SHOWN, over_seeds

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
    seed = entry.trial.seed
    return SeedGroup(
        group="",
        cell="",
        number=0,
        changes=entry.changes,
        finished={seed: entry.trial},
        failed=(),
        planned=(seed,),
    )


def side_by_side(pair: Pair) -> Table:
    """Return the validation and test metrics of both runs' best."""
    places = [(side, split) for side in pair.sides for split in _SPLITS]
    rows: list[tuple[Cell, ...]] = [(Text("seeds"), *(_seeds(side) for side, _ in places))]
    rows += [
        (
            Text(metric.title),
            *(
                _estimate(side, split, metric=metric.name, style=metric.style)
                for side, split in places
            ),
        )
        for metric in SHOWN
    ]
    return Table(
        name="compare_best",
        title=f"Comparison: the best of {pair.first.name} and of {pair.second.name}",
        columns=(
            Column("metric", "metric", is_text=True),
            *(
                Column(f"{place}_{split}", split, group=side.name)
                for place, side in zip(("first", "second"), pair.sides, strict=True)
                for split in _SPLITS
            ),
        ),
        rows=tuple(rows),
        notes=tuple(_notes(pair)),
        folds=True,
        is_whole=True,
    )


def _seeds(side: Side) -> Scalar:
    return Number(len(side.best.setting.finished), Style.INTEGER) if side.best else Missing()


def _estimate(side: Side, split: str, *, metric: str, style: Style) -> Scalar:
    summary = over_seeds(side.best.setting, split, metric=metric) if side.best else None
    return Missing() if summary is None else Estimate(summary, style)


def _notes(pair: Pair) -> Iterator[Note]:
    if pair.warning:
        yield Note(pair.warning)
    best = {side.name: side.best.setting.finished.values() for side in pair.sides if side.best}
    yield from hardware_notes(best, what="the best")
    for side in pair.sides:
        if side.best is None:
            yield Note(f"{side.name}: it has no best, because nothing has finished.")
        else:
            experiment = side.results.experiment
            yield Note(f"{side.name}: {side.best.name}; chosen by valid/{experiment.metric}.")
    yield Note(
        "Mean over seeds and its two-sided 95 % t interval [low, high]. Accuracies and F1 in "
        "percent. Test metrics choose nothing."
    )
    yield from few_seeds_notes(
        {side.name: len(side.best.setting.finished) for side in pair.sides if side.best is not None}
    )
    yield from bounds_notes(
        (metric, over_seeds(side.best.setting, split, metric=metric.name))
        for metric in SHOWN
        for side in pair.sides
        if side.best is not None
        for split in _SPLITS
    )
    if pair.obstacle:
        yield Note(f"The best of both runs cannot be tested: {pair.obstacle}.")
