"""The cells of runs that fill the rows of a table of the paper, by dataset."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.ledger.reading.load import Results
from reports.paper.rows.commands import runs_folder
from reports.paper.rows.layouts import EXTRA_ROWS, Layout
from reports.paper.rows.sources import Source, named_sources, sources_on_fewer_streams
from reports.published.cells import published_row
from reports.results.missing import MISSING, why_missing
from reports.statistics import Summary, summarise
from reports.tables.metrics import METRIC_SETS, MetricSet, metrics_of

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of the paper with the cells that fill it.

    Attributes:
        layout: layout of the table.
        folder: folder of the runs, where missing cells are to be run.
        sources: candidate cells by dataset and row. The first one is used: the newest with all its
            planned seeds, else the newest with some, else one with none. Data that are not the
            paper's count as another dataset, named by their sizes.
        left_out: cells with the name of a row that are none, since they leave streams out.
    """

    layout: Layout
    folder: str
    sources: Mapping[tuple[str, str], tuple[Source, ...]]
    left_out: tuple[Source, ...] = ()

    @property
    def filled(self) -> tuple[str, ...]:
        """Return the datasets on which a row of the paper has a finished seed."""
        with_row = {
            dataset
            for (dataset, row), sources in self.sources.items()
            if row in self.layout.rows and sources[0].cell.finished
        }
        known = [dataset for dataset in self.layout.datasets if dataset in with_row]
        return (*known, *sorted(with_row - set(known)))

    @property
    def datasets(self) -> tuple[str, ...]:
        """Return the datasets to show: the filled ones, all of the paper's where none is."""
        return self.filled or self.layout.datasets

    @property
    def rows(self) -> tuple[str, ...]:
        """Return the rows to show: extra ones that have run, then the paper's."""
        extra = [row for row in EXTRA_ROWS if any(self.has_run(name, row) for name in self.filled)]
        return (*extra, *self.layout.rows)

    def space_dataset(self, dataset: str) -> str:
        """Return the name of a dataset of this table in spaces; other sizes do not change it."""
        some = (sources[0] for (name, _), sources in self.sources.items() if name == dataset)
        source = next(some, None)
        return dataset if source is None else source.results.experiment.dataset

    def metrics(self, dataset: str) -> MetricSet:
        """Return the metrics of a dataset; those of the paper where no run plans a row of it."""
        some = (sources[0] for (name, _), sources in self.sources.items() if name == dataset)
        source = next(some, None)
        return METRIC_SETS["mosi"] if source is None else metrics_of(source.results)

    def source(self, dataset: str, row: str) -> Source | None:
        """Return the cell that fills a row, finished or not; None if no run plans it."""
        return next(iter(self.sources.get((dataset, row), ())), None)

    def rows_by_data(self, dataset: str) -> dict[str, list[str]]:
        """Return the rows that have run, by the fingerprint of the data that they read."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            source = self.source(dataset, row)
            if source is not None and source.cell.finished:
                trial = next(iter(source.cell.finished.values()))
                found.setdefault(str(trial.data_fingerprint), []).append(row)
        return found

    def has_run(self, dataset: str, row: str) -> bool:
        """Return whether a row has a finished seed."""
        return self.seeds(dataset, row) > 0

    def seeds(self, dataset: str, row: str) -> int:
        """Return how many seeds of a row have finished."""
        source = self.source(dataset, row)
        return 0 if source is None else len(source.cell.finished)

    def summary(self, dataset: str, row: str, *, metric: str) -> Summary | None:
        """Return the summary of a test metric of a row over its finished seeds."""
        source = self.source(dataset, row)
        if source is None:
            return None
        return summarise(list(source.cell.values("test", metric).values()))

    def why_missing(self, dataset: str, row: str) -> str:
        """Return why a value is missing, to be shown in its place."""
        source = self.source(dataset, row)
        if source is not None:
            gap = why_missing(source.results, source.cell)
            return NOT_RUN if gap == MISSING else gap
        # The paper lacks some rows, such as TFN on MOSEI, and so do the packaged spaces.
        absent = dataset in self.layout.datasets and not self.published(dataset, row)
        return "-" if absent and row not in EXTRA_ROWS else NOT_RUN

    def published(self, dataset: str, row: str) -> Mapping[str, float]:
        """Return the paper's metrics of a row."""
        return published_row(self.layout.number, dataset, row=row)

    def used(self) -> Iterator[tuple[str, str, Source]]:
        """Yield dataset, row and source of all that is shown and has a finished seed."""
        for dataset in self.datasets:
            for row in self.rows:
                source = self.source(dataset, row)
                if source is not None and source.cell.finished:
                    yield dataset, row, source


def grid_of(layout: Layout, runs: Sequence[Results]) -> Grid:
    """Return the grid of a table, filled with cells of ``runs`` by name, data and alignment."""
    found: dict[tuple[str, str], list[Source]] = {}
    for source, dataset in named_sources(layout, runs):
        found.setdefault((dataset, source.cell.cell), []).append(source)
    ranked = {
        place: tuple(sorted(sources, key=lambda source: source.worth, reverse=True))
        for place, sources in found.items()
    }
    return Grid(
        layout=layout,
        folder=runs_folder(runs),
        sources=ranked,
        left_out=sources_on_fewer_streams(layout, runs),
    )
