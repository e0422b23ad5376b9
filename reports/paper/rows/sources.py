"""The cells of runs that can fill rows of the paper's tables, with the data that each read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.ledger.reading.load import Results
from reports.paper.rows.layouts import EXTRA_ROWS, Layout
from reports.published.streams import left_out_streams
from reports.results.corpora import Data, data_of
from reports.results.missing import alignment_of
from reports.results.seed_groups import SeedGroup, ablation_cells

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A cell of an ablation, with its run."""

    results: Results
    cell: SeedGroup

    @property
    def worth(self) -> tuple[bool, bool, datetime]:
        """Return its sort key: has finished seeds, has every planned seed, end time."""
        cell = self.cell
        return bool(cell.finished), not cell.missing, self.ended_at

    @property
    def ended_at(self) -> datetime:
        """Return when its last finished trial ended."""
        ended = (trial.ended_at for trial in self.cell.finished.values())
        return max(ended, default=_NEVER)

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of its finished trials; equal keys are the same trials."""
        return frozenset(trial.key for trial in self.cell.finished.values())

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the streams that its trials leave out: it is then no row of the paper."""
        return next((left_out_streams(trial.config) for trial in self.cell.trials), ())

    @property
    def data(self) -> Data | None:
        """Return the data of its trials; before one has finished, the newest data of its run."""
        alignment = alignment_of(self.results, self.cell)
        ran = [
            trial
            for trial in self.results.trials.values()
            if trial.alignment == alignment and trial.data_fingerprint
        ]
        trials = list(self.cell.finished.values()) or ran
        newest = max(trials, key=lambda trial: trial.ended_at, default=None)
        return None if newest is None else data_of(self.results, newest)

    @property
    def name(self) -> str:
        """Return its name in notes."""
        return f"{self.cell.group} of the run {self.results.experiment.name}"


def named_sources(layout: Layout, runs: Sequence[Results]) -> Iterator[tuple[Source, str]]:
    """Yield the cells that can fill a table, each with a distinct name of its data.

    The paper's data share one name: several files of the same corpus may fill one column.
    The best of a column is chosen among rows on the same file.
    """
    sources = [source for source in _sources(layout, runs) if not source.left_out]
    read = [source.data for source in sources]
    fingerprints: dict[str, set[str]] = {}
    for data in read:
        if data is not None and not data.is_published:
            fingerprints.setdefault(data.name, set()).add(data.fingerprint)
    for source, data in zip(sources, read, strict=True):
        if data is None:
            yield source, source.results.experiment.dataset
        elif len(fingerprints.get(data.name, ())) > 1:
            yield source, f"{data.name} ({data.fingerprint[:8]})"
        else:
            yield source, data.name


def sources_on_fewer_streams(layout: Layout, runs: Sequence[Results]) -> tuple[Source, ...]:
    """Return the cells with the name of a row whose system leaves streams out."""
    return tuple(source for source in _sources(layout, runs) if source.left_out)


def _sources(layout: Layout, runs: Sequence[Results]) -> Iterator[Source]:
    """Yield the cells that have the name of a row and the alignment of the table."""
    for results in runs:
        cells = [cell for group in ablation_cells(results).values() for cell in group]
        for cell in cells:
            if not results.experiment.dataset or cell.cell not in (*EXTRA_ROWS, *layout.rows):
                continue
            if alignment_of(results, cell) == layout.alignment:
                yield Source(results=results, cell=cell)
