"""The cells of an ablation against their baseline: a test over the seeds that both have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.ledger.reading.load import Results
from reports.results.corpora import OTHER_DATA, have_other_splits
from reports.results.published_effects import published_differences
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of
from reports.statistics import PairedTest, holm_adjusted, paired_test, smallest_p
from reports.tables.metrics import Metric, metrics_of


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
    """

    group: str
    baseline: SeedGroup
    rows: tuple[CellTest, ...]
    adjusted: tuple[float | None, ...]


def ablation_tests(results: Results) -> Iterator[AblationTests]:
    """Yield the tests of each ablation in which a cell and the baseline share a seed.

    Only test metrics of cells that the space names are compared; they choose nothing.
    """
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        rows = tuple(_rows(results, baseline, cells=cells))
        if any(row.test for row in rows):
            adjusted = holm_adjusted([row.test.p if row.test else None for row in rows])
            yield AblationTests(group=group, baseline=baseline, rows=rows, adjusted=tuple(adjusted))


def least_adjusted(tests: AblationTests) -> list[float | None]:
    """Return the smallest corrected p that each test could have with its seeds."""
    least = [
        None
        if row.test is None or row.test.p is None
        else smallest_p(row.test.difference.count or 0)
        for row in tests.rows
    ]
    return holm_adjusted(least)


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
