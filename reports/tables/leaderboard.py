"""The trials of the search, ranked on validation, and what choosing on test would gain."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reports.content.shortened import shortened_list
from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.schema import FINISHED, HOPELESS, STOPPED
from reports.ledger.trials import ABSENT, Trial, effective_value, option_value
from reports.results.hardware import hardware_notes
from reports.results.search_entries import Entry, search_entries
from reports.tables.metrics import metrics_of, number
from reports.tables.selection import search_selection

_LEADING = 3  # metrics before the options: a terminal shows the first columns


def leaderboard(results: Results) -> tuple[Table, ...]:
    """Return the leaderboard and the selection table; none where nothing was searched."""
    entries = search_entries(results)
    if not entries:
        return ()
    return (_leaderboard(results, entries), *search_selection(results, entries))


def _leaderboard(results: Results, entries: Sequence[Entry]) -> Table:
    names = parameters(results, entries)
    return Table(
        name="leaderboard",
        title="Search: trials by validation",
        columns=tuple(_columns(results, names)),
        rows=tuple(tuple(_row(results, entry, names=names)) for entry in entries),
        notes=tuple(_notes(results, entries)),
    )


def _columns(results: Results, names: Sequence[str]) -> Iterator[Column]:
    metrics = metrics_of(results).columns("valid_", "valid ")
    yield Column("rank", "rank")
    yield Column("trial", "trial")
    yield Column("status", "status", is_text=True)
    if results.experiment.other_seeds:
        yield Column("seeds", "seeds")
    for metric in _unshown_objective(results):
        yield Column(f"valid_{metric}", f"valid {metric}")
    yield from metrics[:_LEADING]
    yield Column("epochs", "epochs")
    for name, title in zip(names, titles(names), strict=True):
        yield Column(name, title, is_text=True)
    yield from metrics[_LEADING:]
    yield Column("best_epoch", "best epoch")
    yield Column("seed", "seed")


def _row(results: Results, entry: Entry, *, names: Sequence[str]) -> Iterator[Cell]:
    trial = entry.trial
    metrics = metrics_of(results).cells(
        lambda metric, style: number(trial.valid, metric, style=style)
    )
    yield Missing() if entry.rank is None else Number(entry.rank, Style.INTEGER)
    yield Text(", ".join(map(str, entry.numbers)))
    yield Text(trial.status)
    if results.experiment.other_seeds:
        yield Text(f"{len(entry.trials)}/{1 + len(results.experiment.other_seeds)}")
    for metric in _unshown_objective(results):
        yield number(trial.valid, metric, style=Style.SCORE)
    yield from metrics[:_LEADING]
    yield _count(trial, "epochs")
    config = json.loads(trial.config)
    for name in names:
        yield searched_cell(results, entry, config=config, name=name)
    yield from metrics[_LEADING:]
    yield _count(trial, "best_epoch")
    yield _count(trial, "seed")


def _unshown_objective(results: Results) -> tuple[str, ...]:
    """Return the objective if no metric column shows it, as for the loss."""
    metric = results.experiment.metric
    return () if metric in {one.name for one in metrics_of(results).shown} else (metric,)


def _count(trial: Trial, field: str) -> Cell:
    value = trial.column(field)
    return Missing() if value is None else Number(value, Style.INTEGER)


def searched_cell(results: Results, entry: Entry, *, config: Mapping[str, Any], name: str) -> Cell:
    """Return a searched value, or the fixed one; empty if the option has no effect."""
    if name in entry.changes:
        return value_cell(entry.changes[name])
    value = effective_value(config, name, condition=results.experiment.condition(name))
    return Missing("") if value is ABSENT else value_cell(value)


def option_cell(config: Mapping[str, Any], option: str, *, missing: Missing) -> Cell:
    """Return the cell of a dotted option, ``missing`` where the configuration has none."""
    value = option_value(config, option)
    return missing if value is ABSENT else value_cell(value)


def value_cell(value: object) -> Cell:
    """Return the cell of an option's value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return Number(value, Style.INTEGER if isinstance(value, int) else Style.GENERAL)


def _notes(results: Results, entries: Sequence[Entry]) -> Iterator[Note]:
    experiment = results.experiment
    best = "lowest" if experiment.mode == "min" else "highest"
    yield Note(
        f"Ranked by the {best} valid/{experiment.metric} at each trial's best epoch; only trials "
        "that ran to their end have a rank. Test metrics are not used."
    )
    yield from metrics_of(results).notes
    yield from _seeds(results, entries)
    if any(experiment.condition(name) for name in experiment.parameters):
        yield Note("Empty: the option has no effect with the trial's other values.")
    if any(len(entry.numbers) > 1 for entry in entries):
        yield Note("Several trial numbers: the same setting was suggested again; it ran once.")
    yield from _no_gain(entries)
    yield from _other_data(entries)
    rows = {str(entry.numbers[0]): [entry.trial] for entry in sorted(entries, key=_first_number)}
    yield from hardware_notes(rows, what="the trials")


def _seeds(results: Results, entries: Sequence[Entry]) -> Iterator[Note]:
    """Yield what the values of a search with several seeds are."""
    others = results.experiment.other_seeds
    if not others:
        return
    yield Note(
        f"Each configuration is trained with {1 + len(others)} seeds, one after another. Metrics "
        "are means over the seeds that have ended (column seeds); epochs, best epoch and seed are "
        "those of the trial with the first seed. The table of all trials has each trial alone."
    )
    partial = [n for entry in entries if not entry.is_complete for n in entry.numbers]
    if partial:
        yield Note(
            "Without a rank, because other seeds did not run: the search gave the configuration up "
            f"(search.give_up) or has not come to them yet: {_trials(partial)}."
        )


def _no_gain(entries: Sequence[Entry]) -> Iterator[Note]:
    """Yield the trials that were stopped because they were no better than a constant."""
    no_gain = [number for entry in entries if _had_no_gain(entry.trial) for number in entry.numbers]
    if no_gain:
        yield Note(
            "Stopped by hopeless_after, not by the scheduler, because no epoch had a smaller "
            f"validation MAE than predicting the mean training label: {_trials(no_gain)}."
        )


def _other_data(entries: Sequence[Entry]) -> Iterator[Note]:
    """Yield the trials without a rank because they read other data than the newest trial."""
    earlier = [
        number
        for entry in entries
        if entry.rank is None and entry.trial.status == FINISHED and entry.is_complete
        for number in entry.numbers
    ]
    if earlier:
        yield Note(
            "Attention: the trials read different data and cannot be compared. Only trials on "
            f"the data of the newest trial have a rank. Without a rank: {_trials(earlier)}."
        )


def _had_no_gain(trial: Trial) -> bool:
    message = trial.message or ""
    return trial.status == STOPPED and message.startswith(HOPELESS)


def _trials(numbers: Sequence[int]) -> str:
    return shortened_list(sorted(numbers), "trials", named=True)


def _first_number(entry: Entry) -> int:
    return entry.numbers[0]


def parameters(results: Results, entries: Sequence[Entry]) -> list[str]:
    """Return the searched parameters: the space's, then others that older versions searched."""
    names = dict.fromkeys(results.experiment.parameters)
    for entry in entries:
        names.update(dict.fromkeys(entry.changes))
    return list(names)


def titles(names: Sequence[str]) -> list[str]:
    """Return short titles of options: without their section unless two would be equal."""
    endings = [name.partition(".")[2] or name for name in names]
    shared = Counter(endings)
    return [
        name if shared[ending] > 1 else ending for name, ending in zip(names, endings, strict=True)
    ]
