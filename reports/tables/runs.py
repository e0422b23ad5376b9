"""The runs of a report on several runs."""

from collections import Counter
from collections.abc import Iterator, Sequence

from reports.content.table import Cell, Column, Note, Table, Text
from reports.ledger.reading.load import Results
from reports.ledger.schema import STATUSES
from reports.ledger.trials import UNKNOWN_TIME
from reports.results.corpora import data_names
from reports.tables.summary import attention

_COLUMNS = (
    Column("run", "run", is_text=True),
    Column("dataset", "dataset", is_text=True),
    Column("trials", "trials", is_text=True),
    Column("ended", "last trial ended", is_text=True),
    Column("commit", "git commit", is_text=True),
    Column("data", "data fingerprint", is_text=True),
    Column("command", "repeat or continue with", is_text=True),
)


def runs_table(runs: Sequence[Results]) -> Table:
    """Return the first table of a report on several runs, with a row for each run."""
    names = _names(runs)
    return Table(
        name="runs",
        title="Runs",
        columns=_COLUMNS,
        rows=tuple(_row(results, name) for results, name in zip(runs, names, strict=True)),
        notes=tuple(_notes(runs, names)),
        folds=True,
        is_whole=True,
    )


def _notes(runs: Sequence[Results], names: Sequence[str]) -> Iterator[Note]:
    yield Note("Each run has a report of its own in its folder.")
    for results, name in zip(runs, names, strict=True):
        yield from attention(results, name)


def _names(runs: Sequence[Results]) -> list[str]:
    """Return the name of each run, with its folder where several have that name."""
    counts = Counter(results.experiment.name for results in runs)
    return [
        f"{name} ({results.folder})" if counts[name] > 1 else name
        for results in runs
        for name in (results.experiment.name,)
    ]


def _row(results: Results, name: str) -> tuple[Cell, ...]:
    trials, experiment = list(results.trials.values()), results.experiment
    ended = [trial.ended_at for trial in trials if trial.ended_at != UNKNOWN_TIME]
    counts = Counter(trial.status for trial in trials)
    fingerprints = sorted({str(trial.data_fingerprint)[:12] for trial in trials})
    return (
        Text(name),
        Text(data_names(results) or "not recorded"),
        Text(", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])),
        Text(f"{max(ended):%Y-%m-%d %H:%M} UTC" if ended else "not recorded"),
        Text(dict(experiment.provenance).get("git commit", "not recorded")),
        Text(", ".join(fingerprints)),
        Text(results.command or "not recorded", code=bool(results.command)),
    )
