"""The summary of a run, its result, and its failures."""

from collections import Counter
from collections.abc import Iterator

from reports.content.table import Cell, Column, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.schema import FAILED, SEARCH, STATUSES
from reports.ledger.trials import UNKNOWN_TIME, Trial
from reports.results.confirmation import confirmation_of
from reports.results.corpora import FEW_UTTERANCES, data_names, small_splits
from reports.tables.metrics import metrics_of, over_seeds, seeds_cell, spread
from reports.tables.search_to_confirmation import search_winner

_FAILURE_COLUMNS = (
    Column("trial", "trial", is_text=True),
    Column("seed", "seed"),
    Column("failure", "kind", is_text=True),
    Column("message", "message", is_text=True),
    Column("attempts", "attempts"),
    Column("key", "key", is_text=True),
)
_RETRIED = Note(
    "Running the space again retries the failed trials, except those of kind nan: they would give "
    "the same numbers."
)


def summary(results: Results) -> tuple[Table, ...]:
    """Return the first table of a report."""
    table = Table(
        name="summary",
        title="Summary",
        columns=(Column("item", "", is_text=True), Column("value", "", is_text=True)),
        rows=tuple((Text(item), value) for item, value in _items(results)),
        notes=tuple(_notes(results)),
        is_whole=True,
    )
    return (table,)


def failures(results: Results) -> tuple[Table, ...]:
    """Return the failed trials with kind and message; none if nothing failed."""
    failed = [trial for trial in results.trials.values() if trial.status == FAILED]
    if not failed:
        return ()
    roles = _roles(results)
    failed.sort(key=lambda trial: (trial.ended_at, trial.key))
    table = Table(
        name="failures",
        title="Failures",
        columns=_FAILURE_COLUMNS,
        rows=tuple(_failure(trial, roles.get(trial.key, "-")) for trial in failed),
        notes=(_RETRIED,),
    )
    return (table,)


def _failure(trial: Trial, role: str) -> tuple[Cell, ...]:
    return (
        Text(role),
        Number(trial.seed, Style.INTEGER),
        Text(trial.failure or "unknown"),
        Text(trial.message or ""),
        Number(trial.attempts or 1, Style.INTEGER),
        Text(trial.key),
    )


def _items(results: Results) -> Iterator[tuple[str, Cell]]:
    trials = list(results.trials.values())
    counts = Counter(trial.status for trial in trials)
    yield "run", Text(results.experiment.name)
    yield "dataset", Text(data_names(results) or "not recorded")
    for fingerprint in sorted({str(trial.data_fingerprint) for trial in trials}):
        yield "data fingerprint", Text(fingerprint)
    yield "trials", Text(", ".join(f"{counts[status]} {status}" for status in STATUSES))
    yield from _result(results)
    yield from _times(trials)
    for label, value in results.experiment.provenance:
        yield label, Text(value)
    if results.command:
        yield "repeat or continue with", Text(results.command, code=True)


def _notes(results: Results) -> Iterator[Note]:
    if confirmation_of(results).best is not None:
        yield Note(
            "Test metrics of the configuration that validation chose: mean ± standard deviation "
            f"(n - 1) over its finished seeds. {metrics_of(results).acc2}".rstrip()
        )
    yield from attention(results)


def attention(results: Results, of: str = "") -> Iterator[Note]:
    """Yield notes on small splits, parts without checksums or not read, and data left out.

    Args:
        results: the run.
        of: the name of the run where a report is about several.
    """
    start = f"Attention, {of}" if of else "Attention"
    if few := small_splits(results):
        yield Note(
            f"{start}: few utterances ({few}): with fewer than {FEW_UTTERANCES} a score depends "
            "much on chance."
        )
    count = sum(results.without_checksum.values())
    if count:
        parts = "1 part was" if count == 1 else f"{count} parts were"
        yield Note(
            f"{start}: {parts} written without checksums, by an older version or another tool; a "
            "damaged value in it would not be noticed (docs/faults.md)."
        )
    yield from (Note(f"{start}: {warning}.") for warning in results.warnings)
    yield from _left_out_note(results, of)


def _left_out_note(results: Results, of: str = "") -> Iterator[Note]:
    """Yield what a report of a published copy cannot show; ``of`` names the run."""
    trials = results.trials.values()
    count = sum(trial.data_left_out is True for trial in trials)
    if count:
        which = "All trials are" if count == len(trials) else f"{count} of {len(trials)} trials are"
        yield Note(
            f"{f'{of}: ' if of else ''}{which} from a published copy, which holds no data: tables "
            "and figures that need its predictions, generated labels or utterances are left out or "
            "lack these trials, and failures have no messages (docs/publish.md)."
        )


def _result(results: Results) -> Iterator[tuple[str, Cell]]:
    """Yield the result of the search: the test metrics of the chosen configuration."""
    configuration = confirmation_of(results).best
    if configuration is None:
        return
    metrics = metrics_of(results)
    for name, title in metrics.titles:
        if name == "mae" or name.startswith("acc2"):
            cell = metrics.cell(
                name,
                lambda metric, style: spread(
                    over_seeds(configuration, "test", metric=metric), style
                ),
            )
            yield f"test {title} of the chosen configuration", cell
    yield "its seeds, finished / planned", seeds_cell(configuration)
    winner = search_winner(results)
    if winner is not None:
        yield "the search's best over fresh seeds", Text(winner.sentence)


def _times(trials: list[Trial]) -> Iterator[tuple[str, Cell]]:
    ended = [trial.ended_at for trial in trials if trial.ended_at != UNKNOWN_TIME]
    if ended:
        yield (
            "first and last trial ended",
            Text(f"{min(ended):%Y-%m-%d %H:%M}, {max(ended):%Y-%m-%d %H:%M} UTC"),
        )
    seconds = sum(trial.seconds or 0.0 for trial in trials)
    yield "computing time of all trials", Text(f"{seconds / 3600:.2f} h")


def _roles(results: Results) -> dict[str, str]:
    """Return a name for each trial by its key."""
    names: dict[str, list[str]] = {}
    confirmed = confirmation_of(results).labels
    for role in results.roles:
        name = f"{role.phase} {role.number}" if role.phase == SEARCH else f"{role.phase} "
        if role.phase != SEARCH:
            name += f"{role.group} {role.cell}" if role.cell else confirmed[role.group]
        names.setdefault(role.key, []).append(name)
    return {key: ", ".join(dict.fromkeys(some)) for key, some in names.items()}
