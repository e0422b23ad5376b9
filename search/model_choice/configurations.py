"""The configuration that a command takes: the chosen one, a cell of an ablation, or one trial."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from reports.ledger.reading.results import Results
from reports.ledger.schema import FAILED, STOPPED
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.search_entries import search_entries
from reports.results.seed_groups import SeedGroup, ablation_cells
from reports.tables.models import purposes
from search.errors import SearchError


class NoModelError(SearchError):
    """A run has no such configuration, or no model of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a command line asks for.

    Attributes:
        cell: ``GROUP/CELL`` of an ablation; None for another choice.
        key: key of a trial; None for another choice. Without both it is the chosen configuration.
        seed: the only seed to take; None takes all.
    """

    cell: str | None = None
    key: str | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A configuration over seeds.

    Attributes:
        name: what it is, for use within a sentence.
        chosen: how it was chosen, in sentences for the card.
        setting: its trials.
    """

    name: str
    chosen: str
    setting: SeedGroup


def configuration_of(results: Results, choice: Choice) -> Configuration:
    """Return the configuration that a command line asks for.

    Raises:
        NoModelError: there is no such configuration or trial, or the run has chosen none.
    """
    if choice.key is not None:
        return _trial(results, choice.key)
    if choice.cell is not None:
        return _cell(results, choice.cell)
    return _confirmed(results) or _searched(results) or _only_cells(results)


def _confirmed(results: Results) -> Configuration | None:
    confirmation = confirmation_of(results)
    if confirmation.best is None:
        return None
    count, seeds = len(confirmation.configurations), _listed(confirmation.best.planned)
    again = "The best configuration was trained again"
    if count > 1:
        again = f"The best {count} configurations were trained again"
    how = f"{_search_text(results)} {again} with other seeds ({seeds})."
    if count > 1:
        how += (
            f" This one had the best mean `valid/{results.experiment.metric}` over these seeds; "
            f"the search had ranked it number {confirmation.best.number + 1}."
        )
    how += " No test score was used."
    return Configuration(
        name=f"the {confirmation.best_title}", chosen=how, setting=confirmation.best
    )


def _searched(results: Results) -> Configuration | None:
    """Return the best trial of a search that has confirmed nothing yet."""
    best = next((entry for entry in search_entries(results) if entry.rank is not None), None)
    if best is None:
        return None
    count = len(best.trials)
    seeds = "one seed" if count == 1 else f"{count} seeds"
    how = (
        f"{_search_text(results)} It is the best of them, trained with {seeds}: part of its "
        "lead is luck, and no fresh seed has confirmed it. No test score was used."
    )
    return Configuration(
        name=f"search trial {best.numbers[0]}, the best on validation and not confirmed",
        chosen=how,
        setting=_alone(*best.trials, changes=best.changes),
    )


def _search_text(results: Results) -> str:
    finished = [entry for entry in search_entries(results) if entry.rank is not None]
    goal, lowest = f"valid/{results.experiment.metric}", results.experiment.mode == "min"
    searched = ", ".join(f"`{option}`" for option in results.experiment.parameters)
    return (
        f"A search over {searched or 'no option'} ranked its {len(finished)} finished trials by "
        f"`{goal}`, the {'lowest' if lowest else 'highest'} first."
    )


def _only_cells(results: Results) -> Configuration:
    """Return the only cell of a run without a search; nothing has to be chosen there."""
    cells = [f"{cell.group}/{cell.cell}" for cell in _cells(results)]
    name, has_search = results.experiment.name, bool(results.experiment.parameters)
    if len(cells) == 1 and not has_search:
        return _cell(results, cells[0])
    if not cells or has_search:
        other = f"; or name a cell: --cell {cells[0]!r}" if cells else ""
        raise NoModelError(
            f"the run {name} has no finished trial of its search yet{_ended(results)} continue it "
            f"with: {results.command or 'sugrm-search run SPACE'}{other}"
        )
    raise NoModelError(
        f"the run {name} has no search, so it has chosen no configuration; name a cell: --cell "
        f"{cells[0]!r}" + (f", or one of: {', '.join(cells[1:])}" * bool(cells[1:]))
    )


def _ended(results: Results) -> str:
    """Return how the trials of a search without a finished one ended, and what to do first."""
    trials = [trial for entry in search_entries(results) for trial in entry.trials]
    failed = [trial for trial in trials if trial.status == FAILED]
    stopped = sum(trial.status == STOPPED for trial in trials)
    counts = {"failed": len(failed), "stopped early": stopped}
    text = ", ".join(f"{count} {how}" for how, count in counts.items() if count)
    if not failed:
        return f": {text};" if text else ";"
    last = max(failed, key=lambda trial: trial.ended_at)
    why = (last.message or "").partition("\n")[0]
    return f": {text} (the last: {last.failure}: {why}); fix the cause, then"


def _cell(results: Results, wanted: str) -> Configuration:
    cells = {f"{cell.group}/{cell.cell}": cell for cell in _cells(results)}
    found = cells.get(wanted)
    if found is None:
        near = get_close_matches(wanted, cells, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise NoModelError(
            f"--cell {wanted!r}: the run {results.experiment.name} has no such cell; expected "
            f"GROUP/CELL, one of: {', '.join(cells) or 'none, since it has no ablation'}{meant}"
        )
    return Configuration(
        name=f"the cell {found.cell} of the ablation {found.group}",
        chosen=f"It is the cell {found.cell} of the ablation {found.group}, "
        + (
            "the only one of its run"
            if len(cells) == 1
            else "which was named when the model was exported"
        )
        + ". An ablation sets its options by hand and chooses none.",
        setting=found,
    )


def _cells(results: Results) -> Iterator[SeedGroup]:
    for cells in ablation_cells(results).values():
        yield from cells


def trial_of(results: Results, key: str) -> Trial:
    """Return the trial of a key.

    Raises:
        NoModelError: the run has no such trial.
    """
    trial = results.trials.get(key)
    if trial is None:
        near = get_close_matches(key, results.trials, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise NoModelError(
            f"--key {key!r}: the run {results.experiment.name} has no such trial; expected a key "
            f"of the column key in {results.folder / 'report' / 'trials.csv'}, which `sugrm-search "
            f"report {results.folder.name}` writes{meant}"
        )
    return trial


def trial_name(results: Results, key: str) -> str:
    """Return what a trial is, for use within a sentence."""
    titles = [role.title for role in results.roles if role.key == key]
    other = titles[0] if titles else "no longer part of the space of its run"
    return f"trial {key} ({purposes(results).get(key, other)})"


def _trial(results: Results, key: str) -> Configuration:
    trial = trial_of(results, key)
    if not trial.has_finished:
        raise NoModelError(
            f"--key {key}: this trial has {trial.status}, so it has no model; expected a finished "
            "trial"
        )
    name = trial_name(results, key)
    return Configuration(
        name=name,
        chosen=f"It is the {name}, which was named when the model was exported.",
        setting=_alone(trial, changes=_changes(results, key)),
    )


def _changes(results: Results, key: str) -> Mapping[str, Any]:
    return next((role.changes for role in results.roles if role.key == key), {})


def _alone(*trials: Trial, changes: Mapping[str, Any]) -> SeedGroup:
    """Return the trials of one configuration, each with its own seed, as a setting."""
    return SeedGroup(
        group="",
        cell="",
        number=0,
        changes=changes,
        finished={trial.seed: trial for trial in trials},
        failed=(),
        planned=tuple(trial.seed for trial in trials),
    )


def _listed(words: Iterable[object]) -> str:
    return ", ".join(map(str, words))
