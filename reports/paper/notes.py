"""Notes under a table of the paper: methods, misprints, mixed data, missing cells."""

from collections.abc import Iterable, Iterator, Sequence

from reports.content.table import Note
from reports.paper.data_notes import data_notes
from reports.paper.rows.commands import packaged_command
from reports.paper.rows.grid import NOT_RUN, Grid
from reports.paper.rows.layouts import EXTRA_ROWS, dataset_title
from reports.paper.rows.preset_differences import settings_notes
from reports.paper.rows.sources import Source
from reports.paper.score_cells import metrics_in
from reports.published.cells import misprints
from reports.published.streams import why_no_published
from reports.results.missing import missing_notes
from reports.statistics import VERDICT_SEEDS
from reports.tables.bounds import bounds_notes
from reports.tables.few_seeds import few_seeds_notes
from reports.tables.metrics import METRICS, Metric

_SEEDS = "The paper states no number of seeds."
_TITLES = {"f1": "F1", "acc2": "Acc-2"} | {name: metric.title for name, metric in METRICS.items()}


def notes(grid: Grid) -> Iterator[Note]:
    """Yield every note under the table of ``grid``."""
    yield from _methods(grid)
    yield from _misprints(grid)
    yield from settings_notes(grid)
    for dataset in grid.filled:
        yield from data_notes(grid, dataset)
    yield from _on_fewer_streams(grid)
    yield from _gaps(grid)


def _on_fewer_streams(grid: Grid) -> Iterator[Note]:
    """Yield which cells have the name of a row but leave streams out."""
    for source in grid.left_out:
        what = f"{source.cell.cell} of {source.name}"
        yield Note(why_no_published(source.left_out, what))


def _methods(grid: Grid) -> Iterator[Note]:
    if grid.filled:
        yield from _ours(grid)
    yield from _classes(grid)
    if any(grid.published(dataset, row) for dataset in grid.datasets for row in grid.rows):
        yield _paper(grid.layout.number)
    beside = (used for used in grid.used() if grid.published(*used[:2]))
    yield from few_seeds_notes(_counts(grid, beside), what="verdict", needed=VERDICT_SEEDS)
    if grid.filled:
        yield _best(grid.layout.why)
        yield from _few_seeds_best(grid)
    extra = [row for row in grid.rows if row in EXTRA_ROWS]
    if extra:
        yield Note(
            f"Extra: {', '.join(extra)} is not in the paper; it is compared with the other rows."
        )


def _ours(grid: Grid) -> Iterator[Note]:
    """Yield how our numbers are computed."""
    yield Note(
        "Ours: test metrics, mean ± standard deviation (n - 1) over seeds. 95 % interval: "
        "two-sided t interval of the mean, [low, high], which reaches t(0.975, n - 1) s / √n "
        "below and above it; n: the seeds in the next table."
    )
    yield from bounds_notes(
        (metric, grid.summary(dataset, row, metric=metric.name))
        for metric in _metrics(grid)
        for dataset, row, _ in grid.used()
    )


def _metrics(grid: Grid) -> dict[Metric, None]:
    """Return the metrics of the datasets that are shown."""
    return dict.fromkeys(
        metric for dataset in grid.datasets for metric in metrics_in(grid.metrics(dataset))
    )


def _classes(grid: Grid) -> Iterator[Note]:
    """Yield what F1 and Acc-2 count on the datasets that are shown."""
    sets = {grid.metrics(dataset).kind: grid.metrics(dataset) for dataset in grid.datasets}
    if "mosi" in sets:
        yield Note("F1 and Acc-2 in percent, negative / non-negative, then negative / positive.")
    if "sims" in sets:
        yield from sets["sims"].notes


def _paper(number: str) -> Note:
    """Return what the paper's values are and how ours are compared with them."""
    return Note(
        f"Paper: its Table {number}. {_SEEDS} Difference: ours - the "
        "paper's. Verdict: no difference shown if the paper's value lies inside our interval (the "
        "half width is given in brackets), else better or worse by the metric's direction. It is "
        "no significance test and has no correction."
    )


def _best(baseline: str) -> Note:
    """Return how best and better are marked; ``baseline`` says which row the baseline is."""
    return Note(
        "Best and better compare our means with each other, without a test, each half of a "
        "cell separately; numbers that print alike are equal. The best of a column is chosen "
        f"among rows with {VERDICT_SEEDS} seeds or more, or among all rows if none has that "
        f"many. Better needs {VERDICT_SEEDS} seeds of both rows. The baseline is "
        f"{baseline}."
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


def _misprints(grid: Grid) -> Iterator[Note]:
    """Yield what the paper misprints among the values that are shown."""
    for found in misprints(grid.layout.number):
        if found.dataset not in grid.datasets:
            continue
        metric = _TITLES[found.metric]
        yield Note(
            f"Misprint of the paper: {found.row}, {dataset_title(found.dataset)}, {metric}: "
            f"{found.note}."
        )


def _gaps(grid: Grid) -> Iterator[Note]:
    """Yield what is missing, dataset by dataset, with the command that fills it.

    The paper's datasets are left out where only other data are shown.
    """
    has_paper = not set(grid.datasets).isdisjoint(grid.layout.datasets)
    for dataset in dict.fromkeys((*grid.datasets, *(grid.layout.datasets if has_paper else ()))):
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
