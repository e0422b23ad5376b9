"""Each ablation's cells tested against their baseline over the seeds that both have."""

import math
from collections.abc import Iterator, Sequence

from reports.content.table import Cell, Column, Estimate, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.results.missing import why_missing
from reports.statistics import LEAST_PAIRS, PairedTest, pairs_needed
from reports.tables.cell_tests import UNDEFINED, AblationTests, CellTest, ablation_tests
from reports.tables.few_seeds import few_seeds_notes
from reports.tables.metrics import Metric
from reports.tables.seed_notes import mixture_notes, seed_notes

_COLUMNS = (
    Column("cell", "cell", is_text=True),
    Column("metric", "test metric", is_text=True),
    Column("pairs", "pairs"),
    Column("difference", "Δ"),
    Column("p", "p"),
    Column("p_holm", "Holm p"),
    Column("verdict", "verdict", is_text=True),
    Column("effect", "effect"),
    Column("better_with", "better with", is_text=True),
)
_PAPER_COLUMNS = (
    Column("published_difference", "paper's Δ"),
    Column("seeds_to_see_it", "seeds to see it"),
)


def seed_tests(results: Results) -> tuple[Table, ...]:
    """Return a table of tests for each ablation in which a cell and the baseline share a seed.

    Only test metrics of cells that the space names are compared; they choose nothing.
    """
    return tuple(_table(results, tests) for tests in ablation_tests(results))


def _table(results: Results, tests: AblationTests) -> Table:
    group, baseline, rows = tests.group, tests.baseline, tests.rows
    columns = (*_COLUMNS, *_PAPER_COLUMNS) if _is_beside_paper(rows) else _COLUMNS
    return Table(
        name=f"ablation_{group}_seed_tests",
        title=f"Ablation: {group}, tests against {baseline.cell}",
        columns=columns,
        rows=tuple(
            tuple(_row(results, row, adjusted=p, verdict=verdict))[: len(columns)]
            for row, p, verdict in zip(rows, tests.adjusted, tests.verdicts(), strict=True)
        ),
        notes=tuple(_notes(results, tests)),
        folds=True,
        is_whole=True,
    )


def _is_beside_paper(compared: Sequence[CellTest]) -> bool:
    """Return whether any row has a difference of the paper."""
    return any(row.published is not None for row in compared)


def _notes(results: Results, tests: AblationTests) -> Iterator[Note]:
    yield from seed_notes(results, tests, beside_paper=_is_beside_paper(tests.rows))
    yield from few_seeds_notes(_pairs(tests.rows))
    yield from mixture_notes(tests.baseline, [row.cell for row in tests.rows])


def _pairs(compared: Sequence[CellTest]) -> dict[str, int]:
    """Return how many seeds each cell shares with the baseline."""
    return {row.cell.cell: row.test.difference.count or 0 for row in compared if row.test}


def _row(
    results: Results, row: CellTest, *, adjusted: float | None, verdict: str
) -> Iterator[Cell]:
    yield Text(row.cell.cell)
    yield Text(row.metric.title)
    if row.test is None:
        gap = why_missing(results, row.cell)
        yield from [Missing(row.gap if row.cell.finished else gap)] * 7
    else:
        yield from _test_cells(row.test, row.metric, adjusted=adjusted, verdict=verdict)
    yield from _paper_cells(row)


def _test_cells(
    test: PairedTest, metric: Metric, *, adjusted: float | None, verdict: str
) -> Iterator[Cell]:
    pairs = test.difference.count or 0
    yield Number(pairs, Style.INTEGER)
    if not math.isfinite(test.difference.mean):
        yield from [Missing(UNDEFINED)] * 6
        return
    yield Estimate(test.difference, metric.style, signed=True)
    if test.p is None or adjusted is None:  # too few pairs
        yield from [Missing()] * 2
        yield Text(verdict)
        yield from [Missing()] * 2
        return
    yield Number(test.p, Style.P_VALUE)
    yield Number(adjusted, Style.P_VALUE)
    yield Text(verdict)
    yield Missing() if test.effect is None else Number(test.effect, Style.SCORE, signed=True)
    better = test.below if metric.mode == "min" else pairs - test.below - test.equal
    yield Text(f"{better} of {pairs}" + (f", {test.equal} equal" if test.equal else ""))


def _paper_cells(row: CellTest) -> Iterator[Cell]:
    if row.published is None:
        yield from (Missing(), Missing())
        return
    yield Number(row.published, row.metric.style, signed=True)
    difference = row.test.difference if row.test else None
    needed = None
    if difference and (difference.count or 0) >= LEAST_PAIRS and difference.deviation is not None:
        needed = pairs_needed(row.published, difference.deviation)
    yield Missing() if needed is None else Number(needed, Style.INTEGER)
