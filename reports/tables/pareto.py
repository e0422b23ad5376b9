"""The Pareto set of a search with several objectives."""

import json
from collections.abc import Iterator, Sequence

from reports.content.table import Cell, Column, Note, Number, Style, Table, Text
from reports.ledger.goals import Goal, losses, pareto_set
from reports.ledger.reading.load import Results
from reports.results.hardware import hardware_notes
from reports.results.search_entries import Entry, search_entries
from reports.tables.leaderboard import parameters, searched_cell, titles
from reports.tables.metrics import METRICS

_STYLES = {f"valid/{metric.name}": metric.style for metric in METRICS.values()} | {
    "valid/loss": Style.SCORE,
    "cost/parameters": Style.INTEGER,
    "cost/trainable_parameters": Style.INTEGER,
}


def pareto(results: Results) -> tuple[Table, ...]:
    """Return the Pareto set; none where the search has one objective or nothing has finished."""
    goals = results.experiment.goals
    found = list(_measured(search_entries(results), goals))
    if len(goals) < 2 or not found:
        return ()
    front = [found[place][1] for place in pareto_set([point for point, _ in found])]
    names = parameters(results, front)
    return (
        Table(
            name="pareto",
            title="Search: the Pareto set of its objectives",
            columns=tuple(_columns(goals, names)),
            rows=tuple(tuple(_row(results, entry, names=names)) for entry in front),
            notes=tuple(_notes(goals, front, finished=len(found))),
            folds=True,
        ),
    )


def _measured(
    entries: Sequence[Entry], goals: Sequence[Goal]
) -> Iterator[tuple[tuple[float, ...], Entry]]:
    """Yield each finished trial that has a value of every objective, with these as losses."""
    for entry in entries:
        if entry.rank is not None and (point := losses(entry.trial, goals)) is not None:
            yield point, entry


def _columns(goals: Sequence[Goal], names: Sequence[str]) -> Iterator[Column]:
    yield Column("trial", "trial")
    yield from (Column(goal.column, _title(goal)) for goal in goals)
    for name, title in zip(names, titles(names), strict=True):
        yield Column(name, title, is_text=True)


def _row(results: Results, entry: Entry, *, names: Sequence[str]) -> Iterator[Cell]:
    yield Text(", ".join(map(str, entry.numbers)))
    for goal in results.experiment.goals:
        style = _STYLES.get(goal.metric, Style.GENERAL)
        yield Number(entry.trial.column(goal.column), style)
    config = json.loads(entry.trial.config)
    for name in names:
        yield searched_cell(results, entry, config=config, name=name)


def _title(goal: Goal) -> str:
    split, _, name = goal.metric.partition("/")
    title = METRICS[name].title if name in METRICS else name
    return f"valid {title}" if split == "valid" else name.replace("_", " ")


def _notes(goals: Sequence[Goal], front: Sequence[Entry], *, finished: int) -> Iterator[Note]:
    wanted = ", ".join(f"{goal.metric} {goal.mode}" for goal in goals)
    yield Note(
        f"{len(front)} of {finished} finished trials: no other trial is at least as good in every "
        f"objective and better in one ({wanted}). Sorted by the first objective, by which the "
        "confirmation takes the best of them. Test metrics are not used."
    )
    if any(_STYLES.get(goal.metric) is Style.PERCENT for goal in goals):
        yield Note("Accuracies and F1 in percent.")
    measured = [goal.metric for goal in goals if goal.metric.endswith(("seconds", "memory_mib"))]
    if measured:
        verb = "is" if len(measured) == 1 else "are"
        yield Note(
            f"{' and '.join(measured)} {verb} measured on the machine that ran the trial: "
            "another run gives other values, and perhaps another set."
        )
    by_number = {str(entry.numbers[0]): [entry.trial] for entry in front}
    yield from hardware_notes(by_number, what="the trials")
