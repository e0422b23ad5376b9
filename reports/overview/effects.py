"""The largest effects of the ablations: each cell against its baseline.

The cells to show are picked by their difference on validation, so that no test metric picks the
tests that a reader sees. The p values are those of the whole table of tests.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.content.overview import Section
from reports.content.shortened import clipped
from reports.content.table import Cell, Column, Estimate, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.render.cell_text import number_text
from reports.results.seed_groups import ablation_cells
from reports.statistics import ALPHA, LEAST_PAIRS, paired_test
from reports.tables.cell_tests import UNDEFINED, UNFINISHED, AblationTests, CellTest, ablation_tests
from reports.tables.few_seeds import FEW_SEEDS, NOT_SHOWN
from reports.tables.metrics import Metric, main_metric

_MOST_ROWS = 6
_MOST_BASELINES = 3
_NAME = 60  # characters of a cell's name
_BASELINE = 34  # characters of a baseline's name in a note
SCREEN_NOT_SHOWN = "not shown"  # a narrow column has no room for more
_COLUMNS = (
    Column("cell", "cell", is_text=True),
    Column("difference", "Δ [95 % interval]"),
    Column("verdict", "verdict", is_text=True),
    Column("p_holm", "Holm p"),
    Column("pairs", "seeds"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """The test of a cell in the metric that is shown.

    Attributes:
        name: the name of the cell, with that of its ablation where several have tests.
        row: the test.
        adjusted: its p value, corrected by Holm's method; None without one.
        least: the smallest that it could be with these seeds; None without a p value.
        verdict: what the test says.
        validation: the size of the difference in the objective on validation.
    """

    name: str
    row: CellTest
    adjusted: float | None
    least: float | None
    verdict: str
    validation: float


def effects(results: Results) -> Section | None:
    """Return the section of the ablations' effects; None where no ablation has a second cell."""
    if all(len(cells) < 2 for cells in ablation_cells(results).values()):
        return None
    metric, tests = main_metric(results), tuple(ablation_tests(results))
    found = _effects(results, tests, metric=metric)
    better = "lower" if metric.mode == "min" else "higher"
    return Section(
        name="effects",
        title=f"Ablations: difference to the baseline in test {metric.title}, {better} is better",
        table=_table(found[:_MOST_ROWS], metric) if found else None,
        notes=tuple(_notes(results, tests, found=found)),
    )


def _effects(results: Results, tests: Sequence[AblationTests], *, metric: Metric) -> list[_Effect]:
    """Return the tested cells, the largest difference on validation first."""
    found = [
        _Effect(
            name=f"{each.group}: {row.cell.cell}" if len(tests) > 1 else row.cell.cell,
            row=row,
            adjusted=p,
            least=least,
            verdict=SCREEN_NOT_SHOWN if verdict == NOT_SHOWN else verdict,
            validation=_validation(results, each, row=row),
        )
        for each in tests
        for row, p, least, verdict in zip(
            each.rows, each.adjusted, each.least, each.verdicts(), strict=True
        )
        if row.metric == metric and row.test is not None
    ]
    return sorted(found, key=lambda effect: -effect.validation)


def _validation(results: Results, tests: AblationTests, *, row: CellTest) -> float:
    """Return the size of a cell's difference in the objective on validation; 0 without one."""
    name = results.experiment.metric
    test = paired_test(tests.baseline.values("valid", name), row.cell.values("valid", name))
    size = 0.0 if test is None else abs(test.difference.mean)
    return size if math.isfinite(size) else 0.0


def _table(found: Sequence[_Effect], metric: Metric) -> Table:
    return Table(
        name="ablation_effects",
        title="The largest effects of the ablations",
        columns=_COLUMNS,
        rows=tuple(tuple(_row(effect, metric)) for effect in found),
    )


def _row(effect: _Effect, metric: Metric) -> Iterator[Cell]:
    yield Text(clipped(effect.name, _NAME))
    test = effect.row.test
    if test is None or not math.isfinite(test.difference.mean):
        yield from [Missing(UNDEFINED), Missing(), Missing(), Missing()]
        return
    yield Estimate(test.difference, metric.style, signed=True)
    yield Text(effect.verdict)
    yield Missing() if effect.adjusted is None else Number(effect.adjusted, Style.P_VALUE)
    yield Number(test.difference.count or 0, Style.INTEGER)


def _notes(
    results: Results, tests: Sequence[AblationTests], *, found: Sequence[_Effect]
) -> Iterator[Note]:
    if not found:
        yield Note("No cell has a finished seed in common with its baseline yet.")
        return
    cells = sum(len(cells) - 1 for cells in ablation_cells(results).values())
    shown = min(len(found), _MOST_ROWS)
    order = "argest differences on validation first."
    which = f"L{order}" if shown == cells else f"{shown} of {cells} cells, l{order}"
    yield Note(f"{_baselines(tests)}. {which}")
    yield _reach(tests, found[:_MOST_ROWS])


def _baselines(tests: Sequence[AblationTests]) -> str:
    if len(tests) == 1:
        return f"Baseline: {clipped(tests[0].baseline.cell, _NAME)}"
    names = [
        clipped(f"{each.group}: {each.baseline.cell}", _BASELINE)
        for each in tests[:_MOST_BASELINES]
    ]
    more = len(tests) - len(names)
    return f"Baselines: {'; '.join([*names, *([f'{more} more'] if more else [])])}"


def _reach(tests: Sequence[AblationTests], shown: Sequence[_Effect]) -> Note:
    """Return which tests are significant, or why none can be."""
    rows = [(row, p) for each in tests for row, p in zip(each.rows, each.adjusted, strict=True)]
    pairs = max((row.test.difference.count or 0 for row, _ in rows if row.test), default=0)
    if pairs < LEAST_PAIRS:
        return Note(f"No interval and no p below {LEAST_PAIRS} seeds.")
    level = f"{ALPHA:g}".lstrip("0")
    verdicts = {effect.verdict for effect in shown}
    if verdicts == {FEW_SEEDS}:
        least = min((each.least for each in shown if each.least is not None), default=1.0)
        if least >= 1:
            return Note("Too few seeds: whatever the effect, Holm p is 1.")
        least_text = number_text(least, Style.P_VALUE)
        return Note(f"Too few seeds: whatever the effect, Holm p is {least_text} or more.")
    count = sum(p is not None and p < ALPHA for _, p in rows)
    text = f"Holm p < {level} in {count} of {sum(p is not None for _, p in rows)} tests"
    few = f"; too few seeds: they cannot give p < {level}" if FEW_SEEDS in verdicts else ""
    more = "; no verdict before all cells are finished" if UNFINISHED in verdicts else ""
    brief = (
        " Not shown: there may be a difference within the interval."
        if SCREEN_NOT_SHOWN in verdicts
        else ""
    )
    scope = "(all cells and metrics; sign-flip test over paired seeds)"
    return Note(f"{text} {scope}{few}{more}.{brief}")
