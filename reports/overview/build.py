"""The overview of one run, and of several runs together."""

from collections import Counter
from collections.abc import Iterator, Sequence

from reports.content.overview import Overview, Section
from reports.content.shortened import clipped
from reports.content.table import Note, Table
from reports.ledger.reading.load import Results
from reports.ledger.schema import ABLATION, CONFIRM, FAILED, FINISHED, SEARCH, STOPPED
from reports.ledger.trials import Trial
from reports.overview.chosen import Chosen, chosen_of
from reports.overview.configuration import configuration
from reports.overview.effects import effects
from reports.overview.next_steps import next_steps
from reports.overview.scores import scores
from reports.results.corpora import data_names

_MOST_ATTENTION = 2
_PHASES = {SEARCH: "search", CONFIRM: "confirmation", ABLATION: "ablation"}


def overview_of(
    results: Results, *, tables: Sequence[Table] = (), numbers: Table | None = None
) -> Overview:
    """Return the overview of one run.

    Args:
        results: the run.
        tables: the tables of its report; what they call the reader's attention to is repeated.
        numbers: its key numbers; None without any.
    """
    chosen = chosen_of(results)
    sections = (
        _run(results, tables, chosen=chosen),
        configuration(results, chosen),
        scores(results, chosen, numbers=numbers) if chosen and numbers else None,
        effects(results),
        next_steps(results, chosen),
    )
    return Overview(
        title=results.experiment.name,
        sections=tuple(section for section in sections if section is not None),
    )


def _run(results: Results, tables: Sequence[Table], *, chosen: Chosen | None) -> Section:
    trials = list(results.trials.values())
    counts = Counter(trial.status for trial in trials)
    phases = {role.phase for role in results.roles}
    what = ", ".join(name for phase, name in _PHASES.items() if phase in phases)
    if chosen is not None and chosen.is_only:
        what = "one cell"
    hours = sum(trial.seconds or 0.0 for trial in trials) / 3600
    ended = f"{len(trials)} trial{'' if len(trials) == 1 else 's'}"
    name = clipped(results.experiment.name, 60)
    data = clipped(data_names(results) or "data not recorded", 60)
    return Section(
        name="run",
        title=f"{name}: {what or 'run'} on {data}",
        notes=(
            Note(
                f"{ended}: {counts[FINISHED]} finished, {counts[STOPPED]} stopped early, "
                f"{counts[FAILED]} failed; {hours:.2f} h of computing.{_equal(results)}"
            ),
            *_copy(trials),
            *_attention(tables),
        ),
    )


def _equal(results: Results) -> str:
    """Return how many planned trials equal another one: ``run`` and ``status`` count them too."""
    filled = [role.key for role in results.roles if role.key in results.trials]
    more = len(filled) - len(set(filled))
    if not more:
        return ""
    planned = (
        "trial equals one of these and was" if more == 1 else "trials equal one of these and were"
    )
    return f" {more} more planned {planned} not run again."


def _copy(trials: Sequence[Trial]) -> Iterator[Note]:
    """Yield that trials come from a published copy, so that tables which need data lack them."""
    count = sum(trial.data_left_out is True for trial in trials)
    if count:
        which = "All trials" if count == len(trials) else f"{count} of {len(trials)} trials"
        yield Note(f"{which} are from a published copy without data (docs/publish.md).")


def _attention(tables: Sequence[Table]) -> Iterator[Note]:
    """Yield the first notes that the tables call the reader's attention to, and how many follow."""
    found = dict.fromkeys(
        note.text
        for table in tables
        if not table.name.startswith("paper_")
        for note in table.notes
        if note.is_attention
    )
    for text in list(found)[:_MOST_ATTENTION]:
        yield Note(clipped(text, 300))
    if len(found) > _MOST_ATTENTION:
        yield Note(f"Attention: {len(found) - _MOST_ATTENTION} more notes like these: --full.")


def overview_of_all(runs: Table, tables: Sequence[Table]) -> Overview:
    """Return the overview of several runs together: the runs, and the tables that they fill.

    Args:
        runs: the table of the runs.
        tables: the paper's tables that the runs fill.
    """
    shown = [column.name in ("run", "dataset", "trials") for column in runs.columns]
    columns = tuple(c for c, is_shown in zip(runs.columns, shown, strict=True) if is_shown)
    rows = tuple(
        tuple(cell for cell, is_shown in zip(row, shown, strict=True) if is_shown)
        for row in runs.rows
    )
    overview = Table(name="runs", title=runs.title, columns=columns, rows=rows)
    titles = [table.title for table in tables if not table.is_data]
    attention = tuple(note for note in runs.notes if note.is_attention)[:_MOST_ATTENTION]
    return Overview(
        title="Runs together",
        sections=(
            Section(name="run", title="Runs together", table=overview, notes=attention),
            Section(
                name="tables",
                title="Tables of the paper that they fill",
                notes=tuple(Note(clipped(title, 100)) for title in titles),
            ),
        ),
    )
