"""The gain of choosing on test over choosing on validation; nothing is chosen here."""

import math
from collections.abc import Callable, Iterator, Sequence

from reports.content.table import Cell, Column, Note, Number, Table, Text
from reports.ledger.reading.load import Results
from reports.results.confirmation import Confirmation
from reports.results.search_entries import Entry
from reports.results.seed_groups import SeedGroup
from reports.statistics import best_index
from reports.tables.metrics import Metric, metrics_of, over_seeds

_ALONE = "The gain is shown for information and chooses nothing."


def search_selection(results: Results, entries: Sequence[Entry]) -> tuple[Table, ...]:
    """Return the gain among the finished trials of a search.

    There is none with fewer than two trials or without the test scores of the first.
    """
    ranked = [entry for entry in entries if entry.rank is not None and entry.trial.test]
    if len(ranked) < 2 or entries[0].trial is not ranked[0].trial:
        return ()
    return (
        _table(
            ("selection", "Search: what choosing on test would have gained"),
            Column("best_trial", "its trial"),
            metrics=metrics_of(results).key,
            names=[", ".join(map(str, entry.numbers)) for entry in ranked],
            score=lambda place, metric: ranked[place].trial.test.get(metric, math.nan),
            note=_search_note(ranked[0].numbers[0], count=len(ranked), seeds=len(ranked[0].trials)),
        ),
    )


def _search_note(first: int, *, count: int, seeds: int) -> str:
    each = "one seed per trial" if seeds < 2 else f"means over {seeds} seeds"
    return (
        f"Chosen on validation: trial {first}, first of the leaderboard. Best on "
        f"test: the best test score, metric by metric, among the {count} finished trials of "
        "the search, each scored once at its best validation epoch. Gain: their absolute "
        f"difference, which is how optimistic the best test score is; {each}, no "
        f"correction. {_ALONE}"
    )


def confirmed_selection(results: Results, confirmation: Confirmation) -> tuple[Table, ...]:
    """Return the gain among the configurations that competed; none with fewer than two."""
    chosen = confirmation.chosen
    if chosen is None:
        return ()
    configurations = confirmation.configurations
    seeds = len(configurations[chosen].finished)
    competed = [place for place, each in enumerate(configurations) if len(each.finished) == seeds]
    ranked = sorted(competed, key=lambda place: place != chosen)
    if len(ranked) < 2:
        return ()
    return (
        _table(
            ("confirmed_selection", "Confirmed: what choosing on test would have gained"),
            Column("best_configuration", "its configuration"),
            metrics=metrics_of(results).key,
            names=[confirmation.label(place) for place in ranked],
            score=lambda place, metric: _mean(configurations[ranked[place]], metric),
            note=_confirmed_note(chosen, count=len(ranked), seeds=seeds),
        ),
    )


def _mean(configuration: SeedGroup, metric: str) -> float:
    """Return the mean test score over seeds, NaN without one."""
    summary = over_seeds(configuration, "test", metric=metric)
    return math.nan if summary is None else summary.mean


def _confirmed_note(chosen: int, *, count: int, seeds: int) -> str:
    return (
        f"Chosen on validation: configuration {chosen + 1}. Best on test: the best mean test score "
        f"over seeds, metric by metric, among the {count} configurations with as many "
        f"finished seeds as the chosen one ({seeds}), each trial scored once at its best "
        "validation epoch. Gain: their absolute difference, which is how optimistic the best "
        f"mean is; no test, no correction. {_ALONE}"
    )


def _table(
    heading: tuple[str, str],
    named: Column,
    *,
    metrics: Sequence[Metric],
    names: Sequence[str],
    score: Callable[[int, str], float],
    note: str,
) -> Table:
    """Return the table of the gain, a row for each metric.

    Args:
        heading: name and title of the table.
        named: the column for the name of the one with the best score.
        metrics: the metrics with a row each.
        names: names of all competitors, the one chosen on validation first.
        score: function of the place in ``names`` and the metric that returns the test score.
        note: text of the note on the method.
    """
    return Table(
        name=heading[0],
        title=heading[1],
        columns=(
            Column("metric", "test metric", is_text=True),
            Column("chosen_on_validation", "chosen on validation"),
            Column("best_on_test", "best on test"),
            named,
            Column("gain", "gain"),
        ),
        rows=tuple(_rows(metrics, names, score=score)),
        notes=(Note(note),),
    )


def _rows(
    metrics: Sequence[Metric], names: Sequence[str], *, score: Callable[[int, str], float]
) -> Iterator[tuple[Cell, ...]]:
    """Yield the row of each metric in which some competitor has a test score."""
    for metric in metrics:
        values = [score(place, metric.name) for place in range(len(names))]
        best = best_index(values, metric.mode)
        if best is not None:
            numbers = (values[0], values[best], abs(values[best] - values[0]))
            chosen, top, gain = (Number(value, metric.style) for value in numbers)
            yield Text(metric.title), chosen, top, Text(names[best]), gain
