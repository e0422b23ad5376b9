"""The cells of each ablation: their scores over seeds."""

from collections.abc import Iterator, Sequence

from reports.content.table import Column, Note, Table, Text
from reports.ledger.reading.load import Results
from reports.results.hardware import hardware_notes
from reports.results.missing import missing_notes, why_missing
from reports.results.seed_groups import SeedGroup, ablation_cells
from reports.tables.metrics import (
    MetricCell,
    metrics_of,
    over_seeds,
    seeds_cell,
    spread,
)


def ablations(results: Results) -> tuple[Table, ...]:
    """Return the table of each ablation of the space, also if it has no trial yet."""
    return tuple(
        _scores(results, group, cells=cells) for group, cells in ablation_cells(results).items()
    )


def _scores(results: Results, group: str, *, cells: Sequence[SeedGroup]) -> Table:
    return Table(
        name=f"ablation_{group}",
        title=f"Ablation: {group}",
        columns=(
            Column("cell", "cell", is_text=True),
            Column("seeds", "seeds"),
            *metrics_of(results).columns("test_", "test "),
        ),
        rows=tuple((Text(cell.cell), seeds_cell(cell), *_metrics(results, cell)) for cell in cells),
        notes=(
            Note("Mean ± standard deviation (n - 1) over seeds; seeds: finished / planned."),
            *metrics_of(results).notes,
            *missing_notes(results, cells),
            *_attention(cells),
        ),
        folds=True,
    )


def _metrics(results: Results, cell: SeedGroup) -> tuple[MetricCell, ...]:
    why = why_missing(results, cell)
    return metrics_of(results).cells(
        lambda metric, style: spread(over_seeds(cell, "test", metric=metric), style, why=why)
    )


def _attention(cells: Sequence[SeedGroup]) -> Iterator[Note]:
    superseded = sum(cell.superseded for cell in cells)
    if superseded:
        yield Note(f"Left out: {superseded} runs of earlier versions of the space.")
    trials = [trial for cell in cells for trial in cell.finished.values()]
    if len({trial.data_fingerprint for trial in trials}) > 1:
        yield Note("Attention: the cells read different data and cannot be compared.")
    rows = {cell.cell: cell.finished.values() for cell in cells}
    yield from hardware_notes(rows, what="the cells")
    adopted = [trial.adopted_from for trial in trials if trial.adopted_from]
    if adopted:
        runs = ", ".join(sorted(set(adopted)))
        yield Note(f"Reused from other runs: {len(adopted)} trials (from {runs}).")
