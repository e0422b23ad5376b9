"""Every trial of a run: its purpose, its result and the command that repeats it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.errors import NotRepeatableError
from reports.ledger.reading.load import Results
from reports.ledger.roles import RecordedRole, by_purpose
from reports.ledger.schema import CONFIRM, PHASES, SEARCH
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.repetition.command import REPEATED, repeat_command
from reports.results.seed_groups import ablation_cells
from reports.tables.metrics import MetricCell, MetricSet, metrics_of, number

_COUNTS = (("epochs", "epochs"), ("best_epoch", "best epoch"))
_TEXTS = (
    ("device", "device"),
    ("processor", "processor"),
    ("precision", "precision"),
    ("node", "node"),
    ("failure", "failure"),
    ("message", "message"),
)
_PURPOSES = Note(
    f"Trials by purpose: {', '.join(PHASES)}. Trials of the search have their trial numbers, "
    "several if a setting was suggested again, and no test metrics: those must not choose anything."
)
_REPEATING = Note(
    f"Command: computes this trial again in the folder {REPEATED}, and compares it with this "
    "record. Start it in the folder where the run was started; if the data file lies elsewhere, "
    "add --data unaligned=PATH. On the same kind of CPU, with the same versions, every number is "
    "the same. A trial that the search stopped early runs to its end."
)


def trials(results: Results) -> Table:
    """Return a row for each trial and purpose: search, confirmation or cell.

    A repeated suggestion shares the row of the first one, because its trial ran once. Test metrics
    of the search are not shown, so that nobody chooses by sorting the table.
    """
    ranks = confirmation_of(results).labels
    metrics = metrics_of(results)
    return Table(
        name="trials",
        title="Trials",
        columns=_columns(metrics),
        rows=tuple(
            (
                *_purpose(trial, roles, ranks=ranks),
                *_scores(trial, metrics, with_test=bool(roles) and roles[0].phase != SEARCH),
                *_facts(trial, roles, results=results),
            )
            for trial, roles in _by_purpose(results)
        ),
        notes=(_PURPOSES, *_earlier_note(results), *metrics.notes, _REPEATING),
        is_data=True,
    )


def _earlier_note(results: Results) -> tuple[Note, ...]:
    if not confirmation_of(results).earlier:
        return ()
    return (
        Note(
            "No longer chosen: this configuration was confirmed when it was among the best; the "
            "search then continued and found better ones. No other table counts these trials."
        ),
    )


def _columns(metrics: MetricSet) -> tuple[Column, ...]:
    return (
        Column("phase", "phase", is_text=True),
        Column("name", "name", is_text=True),
        Column("seed", "seed"),
        Column("status", "status", is_text=True),
        *(Column(name, title) for name, title in _COUNTS),
        *metrics.columns("valid_", "valid "),
        *metrics.columns("test_", "test "),
        Column("changes", "changed options", is_text=True),
        Column("seconds", "seconds"),
        Column("peak_memory_mib", "peak memory (MiB)"),
        *(Column(name, title, is_text=True) for name, title in _TEXTS),
        Column("key", "key", is_text=True),
        Column("command", "command", is_text=True),
    )


def _by_purpose(results: Results) -> Iterator[tuple[Trial, Sequence[RecordedRole]]]:
    """Yield each trial with its roles of one purpose, in the order in which a run plans them.

    A trial whose roles were lost comes last, without roles.
    """
    ended = (role for role in results.roles if role.key in results.trials)
    for roles in by_purpose(ended, cells=_planned_cells(results)):
        yield results.trials[roles[0].key], roles
    known = {role.key for role in results.roles}
    yield from ((trial, ()) for key, trial in results.trials.items() if key not in known)


def _planned_cells(results: Results) -> list[tuple[str, str]]:
    return [
        (group, cell.cell) for group, cells in ablation_cells(results).items() for cell in cells
    ]


def _purpose(
    trial: Trial, roles: Sequence[RecordedRole], *, ranks: Mapping[str, str]
) -> Iterator[Cell]:
    yield Text(roles[0].phase) if roles else Missing("not recorded")
    yield Text(_name(roles, ranks)) if roles else Missing("not recorded")
    yield Number(trial.seed, Style.INTEGER)
    yield Text(trial.status)
    yield from (_number(trial.column(name), Style.INTEGER) for name, _ in _COUNTS)


def _scores(trial: Trial, metrics: MetricSet, *, with_test: bool) -> Iterator[MetricCell]:
    """Yield the metrics of validation and test; those of test only where they choose nothing."""
    yield from metrics.cells(lambda metric, style: number(trial.valid, metric, style=style))
    if with_test:
        yield from metrics.cells(lambda metric, style: number(trial.test, metric, style=style))
    else:
        yield from metrics.cells(lambda metric, style: Missing("not shown"))


def _facts(trial: Trial, roles: Sequence[RecordedRole], *, results: Results) -> Iterator[Cell]:
    yield Text(_changes(roles[0].changes)) if roles else Missing("not recorded")
    yield _number(trial.seconds, Style.SECONDS)
    yield _number(trial.peak_memory_mib, Style.INTEGER)
    yield from (_text(trial.column(name)) for name, _ in _TEXTS)
    yield Text(trial.key)
    yield _command(trial, results)


def _text(value: str | None) -> Cell:
    return Text(value) if value else Missing()


def _name(roles: Sequence[RecordedRole], ranks: Mapping[str, str]) -> str:
    first = roles[0]
    if first.phase == SEARCH:
        return f"trial {', '.join(str(role.number) for role in roles)}"
    if first.phase == CONFIRM:
        return f"configuration {ranks[first.group]}"
    return f"{first.group}: {first.cell}"


def _changes(changes: Mapping[str, Any]) -> str:
    if not changes:
        return "none: the fixed values"
    return "; ".join(f"{name} = {_value(value)}" for name, value in changes.items())


def _value(value: object) -> str:
    if isinstance(value, str):
        return value
    return repr(value) if type(value) in (int, float) else json.dumps(value)


def _number(value: float | None, style: Style) -> Cell:
    return Missing() if value is None else Number(value, style)


def _command(trial: Trial, results: Results) -> Cell:
    try:
        return Text(repeat_command(results, trial), code=True)
    except NotRepeatableError as error:
        return Missing(str(error))
