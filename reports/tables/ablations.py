"""The cells of each ablation, paired by seed with their baseline."""

from collections.abc import Iterator, Sequence

from reports.load import Results
from reports.select import Repeated, ablation_cells, baseline_of
from reports.table import Cell, Column, Missing, Note, Number, Scalar, Style, Table, Text
from reports.tables.metrics import (
    LEGEND,
    against,
    metric_cells,
    metric_columns,
    over_seeds,
    seeds_cell,
    spread,
)

_DIFFERENCES: dict[str, tuple[Column]] = {
    "test_mae": (Column("mae_difference", "Δ MAE"),),
    "test_acc2": (Column("acc2_difference", "Δ Acc-2"),),
}


def ablations(results: Results) -> tuple[Table, ...]:
    """Return one table for each ablation of the space, also for one that has no trial yet."""
    return tuple(
        _table(results, group, baseline_of(cells), cells)
        for group, cells in ablation_cells(results).items()
    )


def _table(results: Results, group: str, baseline: Repeated, cells: Sequence[Repeated]) -> Table:
    return Table(
        name=f"ablation_{group}",
        title=f"Ablation: {group}",
        columns=(
            Column("cell", "cell", is_text=True),
            Column("seeds", "seeds"),
            *(
                part
                for column in metric_columns("test_", "test ")
                for part in (column, *_DIFFERENCES.get(column.name, ()))
            ),
            Column("pairs", "pairs"),
        ),
        rows=tuple(tuple(_row(baseline, cell)) for cell in cells),
        notes=tuple(_notes(results, baseline, cells)),
    )


def _row(baseline: Repeated, cell: Repeated) -> Iterator[Cell]:
    yield Text(cell.cell)
    yield seeds_cell(cell)
    why = "-" if cell.finished else "missing"
    cells = metric_cells(
        lambda metric, style: spread(over_seeds(cell, "test", metric), style, why=why)
    )
    differences = metric_cells(
        lambda metric, style: _difference(baseline, cell, metric, style, why=why)
    )
    for column, value, difference in zip(metric_columns("test_"), cells, differences, strict=True):
        yield value
        if column.name in _DIFFERENCES:
            yield difference
    pairs = against(baseline, cell, "mae")
    yield Number(pairs.count or 0, Style.INTEGER) if pairs else Missing(why)


def _difference(
    baseline: Repeated, cell: Repeated, metric: str, style: Style, *, why: str
) -> Scalar:
    if cell is baseline:
        return Missing("baseline")
    return spread(against(baseline, cell, metric), style, signed=True, why=why)


def _notes(results: Results, baseline: Repeated, cells: Sequence[Repeated]) -> Iterator[Note]:
    yield Note("Mean ± standard deviation (n - 1) over seeds; seeds: finished / planned.")
    yield Note(LEGEND)
    yield Note(
        f"Δ: paired differences, cell - {baseline.cell}, over the seeds that both have (pairs), "
        "mean ± standard deviation (n - 1); Acc-2 in percentage points. A negative Δ MAE and a "
        "positive Δ Acc-2 are better than the baseline. No test, no correction."
    )
    missing = [cell for cell in cells if cell.missing]
    if missing:
        gaps = "; ".join(f"{cell.cell}: {', '.join(map(str, cell.missing))}" for cell in missing)
        yield Note(
            f"Missing seeds ({gaps}) are not filled in. Run them with:", results.experiment.command
        )
    superseded = sum(cell.superseded for cell in cells)
    if superseded:
        yield Note(f"Left out: {superseded} runs of earlier versions of the space.")
    prints = {t.record["data_fingerprint"] for cell in cells for t in cell.finished.values()}
    if len(prints) > 1:
        yield Note("Attention: the cells were run on different data and cannot be compared.")
