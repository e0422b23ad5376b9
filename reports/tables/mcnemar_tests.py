"""Each cell of an ablation against its baseline on the same utterances: McNemar tests of Acc-2."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.results.dataset import dataset_of
from reports.results.ensembles import System, system_hardware
from reports.statistics import WAYS, Kind, McNemar, correct, holm_adjusted, mcnemar_test
from reports.tables.metrics import METRICS

_COLUMNS = (
    Column("cell", "cell", is_text=True),
    Column("metric", "test metric", is_text=True),
    Column("seeds", "seeds"),
    Column("utterances", "utterances"),
    Column("cell_alone", "cell alone"),
    Column("baseline_alone", "baseline alone"),
    Column("p", "p"),
    Column("p_holm", "Holm p"),
)
_LEFT_OUT: Mapping[Kind, str] = {
    "mosi": "negative / positive leaves out utterances labelled 0",
    "sims": "the classes are [-1, 0] and (0, 1]",
}
Compared = tuple[System, str, McNemar | str]
"""A cell, a kind of Acc-2, and its test or why there is none."""


def mcnemar_tests(
    results: Results, group: str, *, baseline: str, systems: Sequence[System]
) -> tuple[Table, ...]:
    """Return the table of the cells against ``baseline``; none without a pair of predictions.

    Args:
        results: the run.
        group: name of the ablation.
        baseline: label of the baseline, which is one of ``systems``.
        systems: the ablation's cells with their predictions.
    """
    (first,) = (system for system in systems if system.label == baseline)
    compared = list(_compared(results, first, systems=systems))
    tests = [test if isinstance(test, McNemar) else None for _, _, test in compared]
    if not any(tests):
        return ()
    done = sum(test is not None for test in tests)
    adjusted = holm_adjusted([test.p if test else None for test in tests])
    table = Table(
        name=f"ablation_{group}_mcnemar",
        title=f"Ablation: {group}, McNemar tests against {baseline}",
        columns=_COLUMNS,
        rows=tuple(
            tuple(_row(first, row, adjusted=p)) for row, p in zip(compared, adjusted, strict=True)
        ),
        notes=(
            *_notes(baseline, done, kind=dataset_of(results).kind),
            *system_hardware(systems, what="the cells"),
        ),
        is_whole=True,
    )
    return (table,)


def _compared(
    results: Results, baseline: System, *, systems: Sequence[System]
) -> Iterator[Compared]:
    for system in systems:
        if system is not baseline:
            for way in WAYS[dataset_of(results).kind]:
                yield system, way, _tested(results, baseline, cell=system, way=way)


def _tested(results: Results, baseline: System, *, cell: System, way: str) -> McNemar | str:
    """Test ensembles of the seeds that both have; an ensemble of more seeds has an advantage."""
    for system in (cell, baseline):
        if not system.seeds:
            return system.why_missing(results)
    common = cell.seeds.keys() & baseline.seeds.keys()
    if not common:
        return "no common seed"
    ours, theirs = cell.ensemble(common), baseline.ensemble(common)
    if ours.utterances != theirs.utterances:
        return "other utterances"
    if not np.isfinite([ours.values, theirs.values]).all():
        return "undefined"
    return mcnemar_test(*(correct(one.values, one.labels, way=way) for one in (ours, theirs)))


def _row(baseline: System, compared: Compared, *, adjusted: float | None) -> Iterator[Cell]:
    cell, way, test = compared
    yield Text(cell.label)
    yield Text(METRICS[f"acc2_{way}"].title)
    if isinstance(test, str):
        yield from [Missing(test)] * 6
        return
    yield Number(len(cell.seeds.keys() & baseline.seeds.keys()), Style.INTEGER)
    for count in (test.utterances, test.first_only, test.second_only):
        yield Number(count, Style.INTEGER)
    yield Number(test.p, Style.P_VALUE)
    yield Missing() if adjusted is None else Number(adjusted, Style.P_VALUE)


def _notes(baseline: str, tests: int, *, kind: Kind) -> Iterator[Note]:
    yield Note(
        "Each system is an ensemble: the mean of the test predictions over the seeds that both the "
        f"cell and {baseline} have (column seeds). Cell alone, baseline alone: utterances that "
        f"only this one classifies correctly; {_LEFT_OUT[kind]}."
    )
    yield Note(
        "p: exact two-sided McNemar test (binomial, probability 1/2, on those utterances; 1 "
        f"without any). Holm p: corrected by Holm's method over the {tests} tests of this table. "
        "The test is about these trained models on other utterances. For other training runs, see "
        "the tests over seeds."
    )
