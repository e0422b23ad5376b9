"""The scores of systems over the utterances of the test set, with bootstrap intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from reports.content.table import Cell, Column, Missing, Note, Number, Scalar, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.results.dataset import dataset_of
from reports.results.ensembles import Predicted, System, lost_notes, system_hardware, unused_notes
from reports.statistics import RESAMPLES, SCORES, Kind, Summary, score_intervals
from reports.tables.metrics import METRIC_SETS, METRICS, interval, metrics_of

_SEED_COLUMNS = (
    Column("seed", "seed", is_text=True),
    Column("metric", "metric", is_text=True),
    Column("utterances", "utterances"),
    Column("score", "score"),
    Column("interval", "95 % interval"),
)
_METHODS = (
    Note(
        "95 % interval: two-sided BCa bootstrap interval (bias-corrected and accelerated) over "
        f"the test utterances, {RESAMPLES:,} resamples with a fixed seed; - if a resample leaves "
        "the score undefined or none changes it."
    ),
    Note(
        "This interval is about other test utterances with the same trained models; an interval "
        "over seeds is about other training runs on the same utterances. Neither includes the "
        "other."
    ),
)
_CLASSES: Mapping[Kind, tuple[Note, ...]] = {
    "mosi": (
        Note(
            "Acc-2 and F1 (weighted) in percent, negative / non-negative, then negative / "
            "positive, which leaves out utterances labelled 0."
        ),
    ),
    "sims": METRIC_SETS["sims"].notes,
    "regression": (),
}

Scores = Mapping[str, Summary]
Scored = Mapping[tuple[str, int | None], Scores]
"""By label and seed, None for the ensemble."""
Draw = Callable[[Summary, str], Scalar]
Heading = tuple[str, str]
"""Name and title of a table."""


def utterance_intervals(
    results: Results, heading: Heading, *, column: str, systems: Sequence[System]
) -> Iterator[Table]:
    """Yield the table of the systems' ensembles and, as data, that of every seed.

    Args:
        results: the run.
        heading: name and title with which those of the tables begin.
        column: what the first column calls a system: ``cell`` or ``configuration``.
        systems: the rows; there is no table if none of them has predictions.
    """
    if any(system.seeds for system in systems):
        scored = _scored(results, systems)
        yield _ensembles(results, heading, column=column, scored=scored, systems=systems)
        scores = SCORES[dataset_of(results).kind]
        yield _by_seed(heading, column, scored=scored, scores=scores)


def _ensembles(
    results: Results,
    heading: Heading,
    *,
    column: str,
    scored: Scored,
    systems: Sequence[System],
) -> Table:
    name, title = heading
    return Table(
        name=f"{name}_utterances",
        title=f"{title}, over the test utterances",
        columns=tuple(_columns(results, column)),
        rows=tuple(tuple(_row(results, system, scored=scored)) for system in systems),
        notes=tuple(_notes(results, column, systems=systems)),
        folds=True,
        is_whole=True,
    )


def _titles(results: Results) -> list[tuple[str, str]]:
    """Return name and title of the columns whose scores can be resampled."""
    metrics = metrics_of(results)
    scores = SCORES[metrics.kind]
    return [
        (name, title)
        for name, title in metrics.titles
        if any(score.startswith(name) for score in scores)
    ]


def _columns(results: Results, head: str) -> Iterator[Column]:
    yield Column(head, head, is_text=True)
    yield Column("seeds", "seeds")
    yield Column("utterances", "utterances")
    for metric, title in _titles(results):
        yield Column(metric, "score", group=title)
        yield Column(f"{metric}_interval", "95 % interval", group=title)


def _by_seed(heading: Heading, column: str, *, scored: Scored, scores: Sequence[str]) -> Table:
    name, title = heading
    return Table(
        name=f"{name}_utterances_by_seed",
        title=f"{title}, over the test utterances, every seed",
        columns=(Column(column, column, is_text=True), *_SEED_COLUMNS),
        rows=tuple(
            tuple(_seed_row(label, seed, metric=metric, score=found[metric]))
            for (label, seed), found in scored.items()
            for metric in scores
        ),
        is_data=True,
    )


def _seed_row(label: str, seed: int | None, *, metric: str, score: Summary) -> Iterator[Cell]:
    yield Text(label)
    yield Text("ensemble" if seed is None else str(seed))
    yield Text(metric)
    yield Number(score.count or 0, Style.INTEGER)
    yield _score(score, metric)
    yield _interval(score, metric)


def _scored(results: Results, systems: Sequence[System]) -> Scored:
    """Return the scores of all ensembles and seeds; the same utterances share resamples."""
    members: dict[tuple[str, int | None], Predicted] = {}
    for system in systems:
        if system.seeds:
            members[system.label, None] = system.ensemble()
            members |= {(system.label, seed): one for seed, one in system.seeds.items()}
    groups: dict[object, list[tuple[str, int | None]]] = {}
    for name, member in members.items():
        groups.setdefault(member.utterances, []).append(name)
    scored: dict[tuple[str, int | None], Scores] = {}
    for names in groups.values():
        values = np.stack([members[name].values for name in names])
        labels, kind = members[names[0]].labels, dataset_of(results).kind
        scored |= zip(names, score_intervals(values, labels, kind=kind), strict=True)
    return {name: scored[name] for name in members}


def _row(results: Results, system: System, *, scored: Scored) -> Iterator[Cell]:
    yield Text(system.label)
    if not system.seeds:
        yield from [Missing(system.why_missing(results))] * (2 + 2 * len(_titles(results)))
        return
    scores = scored[system.label, None]
    yield Number(len(system.seeds), Style.INTEGER)
    yield Number(scores["mae"].count or 0, Style.INTEGER)
    metrics = metrics_of(results)
    for column, _ in _titles(results):
        for draw in (_score, _interval):
            yield metrics.cell(column, _drawer(scores, draw))


def _drawer(scores: Scores, draw: Draw) -> Callable[[str, Style], Scalar]:
    """Return what draws the cell of a metric."""
    return lambda metric, style: draw(scores[metric], metric)


def _score(score: Summary, metric: str) -> Scalar:
    return Number(score.mean, METRICS[metric].style)


def _interval(score: Summary, metric: str) -> Scalar:
    return interval(score, METRICS[metric].style)


def _notes(results: Results, head: str, *, systems: Sequence[System]) -> Iterator[Note]:
    yield _score_note(head, any(len(system.seeds) > 1 for system in systems))
    yield from _METHODS
    yield from _CLASSES[dataset_of(results).kind]
    yield from system_hardware(systems, what=f"the {head}s")
    yield from unused_notes(systems)
    yield from lost_notes(results, systems)


def _score_note(head: str, ensembled: bool) -> Note:
    return Note(
        f"Score: that of an ensemble, which is the mean of the test predictions over the {head}'s "
        "finished seeds (column seeds). It often scores better than its seeds do on average; each "
        "seed's score is in the CSV file of the same name ending in by_seed."
        if ensembled
        else f"Score: that of the test predictions of the {head}'s only finished seed."
    )
