"""A search with several objectives: the trials that no other one beats in all of them."""

import json

from reports.content.table import Cell, Column, Note, Number, Style, Table, Text
from reports.ledger.goals import Goal, losses, pareto_set
from reports.ledger.run.load import Results
from reports.results.hardware import hardware_notes
from reports.results.seed_groups import search_entries
from reports.tables.leaderboard import parameters, searched_cell, titles
from reports.tables.metrics import SHOWN

_STYLES = {f"valid/{metric.name}": metric.style for metric in SHOWN} | {
    "valid/loss": Style.SCORE,
    "cost/parameters": Style.INTEGER,
    "cost/trainable_parameters": Style.INTEGER,
}


def pareto(results: Results) -> tuple[Table, ...]:
    """Return the Pareto set; none where the search has one objective or nothing has finished."""
    goals = results.experiment.goals
    found = [
        (point, entry)
        for entry in search_entries(results)
        if entry.rank is not None and (point := losses(entry.trial.record, goals)) is not None
    ]
    if len(goals) < 2 or not found:
        return ()
    front = [found[place][1] for place in pareto_set([point for point, _ in found])]
    names = parameters(results, front)
    rows: list[tuple[Cell, ...]] = [
        (
            Text(", ".join(map(str, entry.numbers))),
            *(
                Number(entry.trial.record[goal.column], _STYLES.get(goal.metric, Style.GENERAL))
                for goal in goals
            ),
            *(
                searched_cell(results, entry, json.loads(entry.trial.config), name)
                for name in names
            ),
        )
        for entry in front
    ]
    options = zip(names, titles(names), strict=True)
    return (
        Table(
            name="pareto",
            title="Search: the Pareto set of its objectives",
            columns=(
                Column("trial", "trial"),
                *(Column(goal.column, _title(goal)) for goal in goals),
                *(Column(name, title, is_text=True) for name, title in options),
            ),
            rows=tuple(rows),
            notes=(
                *_notes(goals, len(front), len(found)),
                *hardware_notes(
                    {str(entry.numbers[0]): [entry.trial] for entry in front},
                    what="the trials",
                ),
            ),
            folds=True,
        ),
    )


def _title(goal: Goal) -> str:
    split, _, name = goal.metric.partition("/")
    titles = {metric.name: metric.title for metric in SHOWN}
    return f"valid {titles.get(name, name)}" if split == "valid" else name.replace("_", " ")


def _notes(goals: tuple[Goal, ...], shown: int, finished: int) -> list[Note]:
    wanted = ", ".join(f"{goal.metric} {goal.mode}" for goal in goals)
    notes = [
        Note(
            f"{shown} of {finished} finished trials: no other is at least as good in every "
            f"objective and better in one ({wanted}). Sorted by the first objective, by which the "
            "confirmation takes the best of them. Test metrics play no part."
        )
    ]
    if any(_STYLES.get(goal.metric) is Style.PERCENT for goal in goals):
        notes.append(Note("Accuracies and F1 in percent."))
    measured = [goal.metric for goal in goals if goal.metric.endswith(("seconds", "memory_mib"))]
    if measured:
        verb = "is" if len(measured) == 1 else "are"
        notes.append(
            Note(
                f"{' and '.join(measured)} {verb} measured on the machine that ran the trial: "
                "another run gives other values, and perhaps another set."
            )
        )
    return notes
