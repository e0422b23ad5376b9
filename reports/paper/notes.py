"""Notes under a table of the paper: methods, misprints, mixed data, missing cells."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reports.content.table import Note
from reports.paper.rows.commands import packaged_command
from reports.paper.rows.grid import NOT_RUN, Grid
from reports.paper.rows.layouts import EXTRA_ROWS, Layout, dataset_title
from reports.paper.rows.preset_differences import settings_notes
from reports.paper.rows.sources import Source
from reports.paper.score_cells import METRICS
from reports.published.cells import misprints
from reports.results.hardware import hardware_notes
from reports.results.missing import missing_notes
from reports.results.seed_groups import SeedGroup
from reports.statistics import VERDICT_SEEDS
from reports.tables.bounds import bounds_notes
from reports.tables.few_seeds import few_seeds_notes
from reports.tables.metrics import SHOWN

_SEEDS = "The paper states no number of seeds."
_TITLES = {"f1": "F1", "acc2": "Acc-2"} | {metric.name: metric.title for metric in SHOWN}


def notes(grid: Grid) -> Iterator[Note]:
    """Yield every note under the table of ``grid``."""
    yield from _methods(grid)
    yield from _misprints(grid.layout)
    yield from settings_notes(grid)
    for dataset in grid.filled:
        used = [(row, source) for name, row, source in grid.used() if name == dataset]
        yield from _unpublished(used)
        yield from _mixtures(dataset_title(dataset), used)
        yield from _data(dataset_title(dataset), grid.rows_by_data(dataset))
        yield from _others(grid, dataset)
    yield from _gaps(grid)


def _methods(grid: Grid) -> Iterator[Note]:
    if grid.filled:
        yield Note(
            "Ours: test metrics, mean ± standard deviation (n - 1) over seeds. 95 % interval: "
            "two-sided t interval of the mean, [low, high], which reaches t(0.975, n - 1) s / √n "
            "below and above it; n: the seeds in the next table."
        )
        yield from bounds_notes(
            (metric, grid.summary(dataset, row, metric=metric.name))
            for metric in METRICS
            for dataset, row, _ in grid.used()
        )
    yield Note("F1 and Acc-2 in percent, negative / non-negative, then negative / positive.")
    yield Note(
        f"Paper: its Table {grid.layout.number}. {_SEEDS} Difference: ours - the "
        "paper's. Verdict: no difference shown if the paper's value lies inside our interval (the "
        "half width is given in brackets), else better or worse by the metric's direction. It is "
        "no significance test and has no correction."
    )
    beside = (used for used in grid.used() if grid.published(*used[:2]))
    yield from few_seeds_notes(_counts(grid, beside), what="verdict", needed=VERDICT_SEEDS)
    if grid.filled:
        yield Note(
            "Best and better compare our means with each other, without a test, each half of a "
            "cell separately; numbers that print alike are equal. The best of a column is chosen "
            f"among rows with {VERDICT_SEEDS} seeds or more, or among all rows if none has that "
            f"many. Better needs {VERDICT_SEEDS} seeds of both rows. The baseline is "
            f"{grid.layout.why}."
        )
        yield from _few_seeds_best(grid)
    extra = [row for row in grid.rows if row in EXTRA_ROWS]
    if extra:
        yield Note(
            f"Extra: {', '.join(extra)} is not in the paper; it is compared with the other rows."
        )


def _few_seeds_best(grid: Grid) -> Iterator[Note]:
    """Yield the datasets on which the best row has too few seeds for a verdict."""
    for dataset in grid.filled:
        if any(
            len(rows) > 1 and all(grid.seeds(dataset, row) < VERDICT_SEEDS for row in rows)
            for rows in grid.rows_by_data(dataset).values()
        ):
            yield Note(
                f"{dataset_title(dataset)}: the best has fewer seeds than a verdict needs "
                f"({VERDICT_SEEDS})."
            )


def _counts(grid: Grid, used: Iterable[tuple[str, str, Source]]) -> dict[str, int]:
    """Return the number of finished seeds of each row, by its name in notes."""
    several = len(grid.filled) > 1
    return {
        f"{row} on {dataset_title(dataset)}" if several else row: len(source.cell.finished)
        for dataset, row, source in used
    }


def _misprints(layout: Layout) -> Iterator[Note]:
    """Yield what the paper misprints in a table."""
    for found in misprints(layout.number):
        metric = _TITLES[found.metric]
        yield Note(
            f"Misprint of the paper: {found.row}, {dataset_title(found.dataset)}, {metric}: "
            f"{found.note}."
        )


def _mixtures(dataset: str, used: Sequence[tuple[str, Source]]) -> Iterator[Note]:
    """Yield how the trials of one dataset differ although the table compares them."""
    yield from _encoders(dataset, used)
    rows = {row: source.cell.finished.values() for row, source in used}
    yield from hardware_notes(rows, start=f"Attention, {dataset}")
    superseded = sum(source.cell.superseded for _, source in used)
    if superseded:
        yield Note(f"{dataset}: left out {superseded} trials of earlier versions of the space.")


def _unpublished(used: Sequence[tuple[str, Source]]) -> Iterator[Note]:
    """Yield why no published values are shown for the rows of a dataset."""
    read = [source.data for _, source in used]
    whys = dict.fromkeys(data.why_unpublished for data in read if data is not None)
    yield from (Note(why) for why in whys if why)


def _data(dataset: str, rows: Mapping[str, Sequence[str]]) -> Iterator[Note]:
    """Yield which rows of a dataset read which data, if they differ."""
    if len(rows) > 1:
        listed = "; ".join(f"{', '.join(some)} on {data[:8]}" for data, some in rows.items())
        yield Note(
            f"Attention, {dataset}: the rows read different data and are not compared with each "
            f"other; best and better apply within one file. By fingerprint: {listed}."
        )


def _encoders(dataset: str, used: Sequence[tuple[str, Source]]) -> Iterator[Note]:
    """Yield which text encoder the rows of a dataset use."""
    encoders: dict[str, list[str]] = {}
    for row, source in used:
        encoders.setdefault(_encoder(source.cell), []).append(row)
    if len(encoders) == 1:
        yield Note(f"{dataset}: text encoder of our rows: {', '.join(encoders)}.")
    elif encoders:
        usual = max(encoders, key=lambda name: len(encoders[name]))
        others = [f"{name}: {', '.join(encoders[name])}" for name in encoders if name != usual]
        yield Note(
            f"Attention, {dataset}: the rows differ in their text encoder. {'; '.join(others)}. "
            f"The others: {usual}."
        )


def _encoder(cell: SeedGroup) -> str:
    config = json.loads(next(iter(cell.finished.values())).config)
    text = (config.get("model") or {}).get("text") or {}
    return f"{text.get('name', 'not recorded')}{'' if text.get('finetune', True) else ' (frozen)'}"


def _others(grid: Grid, dataset: str) -> Iterator[Note]:
    """Yield the cells that are left out because another one fills the same row."""
    names = []
    for row in grid.rows:
        sources = grid.sources.get((dataset, row), ())
        names += [
            f"{row} of {other.name} ({len(other.cell.finished)} / {len(other.cell.planned)} seeds)"
            for other in sources[1:]
            if not other.keys <= sources[0].keys
        ]
    if names:
        yield Note(
            f"{dataset_title(dataset)}: if several cells fit a row, the newest one with all its "
            f"planned seeds is used, else the newest. Left out: {'; '.join(names)}."
        )


def _gaps(grid: Grid) -> Iterator[Note]:
    """Yield what is missing, dataset by dataset, with the command that fills it."""
    for dataset in dict.fromkeys((*grid.datasets, *grid.layout.datasets)):
        title = dataset_title(dataset)
        command = packaged_command(
            grid.layout.number, grid.space_dataset(dataset), runs=grid.folder
        )
        left_out = "" if dataset in grid.datasets else ", so it is left out"
        sources = [source for row in grid.rows if (source := grid.source(dataset, row))]
        if not sources:
            yield Note(f"{title}: no row has run{left_out}. Run them with:", command)
            continue
        if left_out:
            yield Note(f"{title}: no row has run{left_out}.")
        yield from _recorded(title, sources)
        absent = [row for row in grid.layout.rows if _is_unplanned(grid, dataset, row=row)]
        if absent:
            yield Note(f"{title}, not run: {'; '.join(absent)}. Run them with:", command)


def _recorded(title: str, sources: Sequence[Source]) -> Iterator[Note]:
    """Yield what is missing in the rows that the runs plan, with each run's own command."""
    runs = {id(source.results): source.results for source in sources}
    for results in runs.values():
        cells = [source.cell for source in sources if source.results is results]
        yield from (Note(f"{title}: {n.text}", n.command) for n in missing_notes(results, cells))


def _is_unplanned(grid: Grid, dataset: str, *, row: str) -> bool:
    return grid.source(dataset, row) is None and grid.why_missing(dataset, row) == NOT_RUN
