"""The cells of an ablation against their baseline: a test over the seeds that both have."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.ledger.reading.load import Results
from reports.results.corpora import OTHER_DATA, have_other_splits
from reports.results.missing import NO_DATA, why_missing
from reports.results.published_effects import published_differences
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of
from reports.statistics import PairedTest, holm_adjusted, paired_test
from reports.tables.few_seeds import FEW_SEEDS
from reports.tables.metrics import Metric, metrics_of
from reports.tables.verdicts import least_adjusted, verdict_of_test

UNFINISHED, UNDEFINED = "unfinished", "undefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTest:
    """A cell against its baseline in one metric.

    Attributes:
        cell: the cell.
        metric: the test metric.
        test: the test over the seeds that both have; None if there are none.
        published: the paper's Δ; None if the paper lacks one of the two rows.
        gap: why a finished cell has no test.
    """

    cell: SeedGroup
    metric: Metric
    test: PairedTest | None
    published: float | None
    gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AblationTests:
    """All tests of one ablation.

    Attributes:
        group: the name of the ablation.
        baseline: the cell that the others are compared with.
        rows: a test for each other cell and metric.
        adjusted: p of each row, corrected by Holm's method over all rows; None without a p.
        least: the smallest that each of these could be with as many seeds; None without a p.
        is_open: whether planned trials have not ended, which add tests to correct for.
    """

    group: str
    baseline: SeedGroup
    rows: tuple[CellTest, ...]
    adjusted: tuple[float | None, ...]
    least: tuple[float | None, ...]
    is_open: bool

    def verdicts(self) -> Iterator[str]:
        """Yield the verdict on each row; "" for a row without a test."""
        for row, p, least in zip(self.rows, self.adjusted, self.least, strict=True):
            if row.test is None:
                yield ""
            elif not math.isfinite(row.test.difference.mean):
                yield UNDEFINED
            elif self.is_open:
                yield UNFINISHED
            elif p is None or least is None:
                yield FEW_SEEDS
            else:
                yield verdict_of_test(row.test.difference, p, least=least, metric=row.metric)


def ablation_tests(results: Results) -> Iterator[AblationTests]:
    """Yield the tests of each ablation in which a cell and the baseline share a seed.

    Only test metrics of cells that the space names are compared; they choose nothing.
    """
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        rows = tuple(_rows(results, baseline, cells=cells))
        if any(row.test for row in rows):
            tests = [row.test if row.test and row.test.p is not None else None for row in rows]
            yield AblationTests(
                group=group,
                baseline=baseline,
                rows=rows,
                adjusted=tuple(holm_adjusted([test.p if test else None for test in tests])),
                least=tuple(
                    least_adjusted([test.difference.count or 0 if test else None for test in tests])
                ),
                is_open=any(_is_open(results, cell) for cell in cells),
            )


def _is_open(results: Results, cell: SeedGroup) -> bool:
    """Return whether a planned trial of a cell has not ended; one without its data cannot."""
    is_planned = set(cell.planned) - set(cell.finished) - set(cell.failed)
    return bool(is_planned) and why_missing(results, cell) != NO_DATA


def _rows(
    results: Results, baseline: SeedGroup, *, cells: Sequence[SeedGroup]
) -> Iterator[CellTest]:
    _, published = published_differences(results, baseline, cells=cells)
    for cell in cells:
        if cell is not baseline:
            theirs = published.get(cell.cell, {})
            for metric in metrics_of(results).tested:
                yield _tested(results, baseline, cell=cell, metric=metric, published=theirs)


def _tested(
    results: Results,
    baseline: SeedGroup,
    *,
    cell: SeedGroup,
    metric: Metric,
    published: Mapping[str, float],
) -> CellTest:
    is_other = have_other_splits(results, baseline, second=cell)
    values = [one.values("test", metric.name) for one in (baseline, cell)]
    return CellTest(
        cell=cell,
        metric=metric,
        test=None if is_other else paired_test(*values),
        published=published.get(metric.name),
        gap=OTHER_DATA if is_other else "no common seed",
    )
