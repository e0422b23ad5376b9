"""The notes under the tests over seeds: the methods, and how many seeds a result needs."""

import math
from collections.abc import Iterator, Sequence

from reports.content.table import Note, Style
from reports.errors import NotRepeatableError
from reports.ledger.reading.load import Results
from reports.ledger.reading.run_command import with_values
from reports.results.corpora import OTHER_DATA
from reports.results.hardware import hardware_notes
from reports.results.missing import NO_DATA, why_missing
from reports.results.seed_groups import SeedGroup
from reports.statistics import (
    ALPHA,
    LEAST_PAIRS,
    MOST_EXACT_PAIRS,
    ONE_TEST_PAIRS,
    SIGN_CHANGES,
    smallest_p,
    smallest_pairs,
)
from reports.tables.cell_tests import UNFINISHED, AblationTests
from reports.tables.few_seeds import FEW_SEEDS
from reports.tables.metrics import Metric, metrics_of

_LEVEL = f"{ALPHA:g}".lstrip("0")


def seed_notes(results: Results, ablation: AblationTests, *, beside_paper: bool) -> Iterator[Note]:
    """Yield the methods of one table's tests, and what its number of seeds cannot show."""
    tests = [row.test for row in ablation.rows]
    pairs = max(test.difference.count or 0 for test in tests if test)
    done = sum(test is not None and test.p is not None for test in tests)
    yield _difference_note(ablation.baseline.cell, metrics_of(results).tested)
    yield _p_value_note(done)
    if pairs > MOST_EXACT_PAIRS:
        yield Note(
            f"With more than {MOST_EXACT_PAIRS} pairs the sign-flip test draws {SIGN_CHANGES:,} "
            "sign combinations with a fixed seed instead of using all."
        )
    yield Note(
        "Effect: mean of the differences divided by their standard deviation (Cohen's d_z), with "
        f"Hedges' correction for few pairs; it needs {LEAST_PAIRS} pairs."
    )
    yield from _reach_notes(results, ablation, pairs=pairs, done=done)
    if beside_paper:
        yield _paper_note(_possible_tests(results, ablation))


def _possible_tests(results: Results, ablation: AblationTests) -> int:
    """Return how many tests the table has once every cell has its seeds."""
    return sum(
        row.gap != OTHER_DATA and why_missing(results, row.cell) != NO_DATA
        if row.test is None
        else math.isfinite(row.test.difference.mean)
        for row in ablation.rows
    )


def _difference_note(baseline: str, metrics: Sequence[Metric]) -> Note:
    has_acc2 = any(metric.style is Style.PERCENT for metric in metrics)
    unit, positive = (
        ("; Acc-2 in percentage points", "Δ Acc-2 or Δ Corr") if has_acc2 else ("", "Δ Corr")
    )
    return Note(
        f"Δ: mean of the paired differences of the test metric, cell - {baseline}, over the seeds "
        "that both have (pairs), and its two-sided 95 % t interval [low, high], which needs "
        f"{LEAST_PAIRS} pairs{unit}. A cell is better than {baseline} if "
        f"its Δ MAE is negative, or its {positive} positive. Better with: number of pairs "
        f"in which the cell is better; it needs {LEAST_PAIRS} pairs."
    )


def _p_value_note(done: int) -> Note:
    corrected = (
        f"Holm p: corrected by Holm's method over the {done} tests of this table, every cell in "
        "every metric."
        if done
        else "No cell has as many."
    )
    return Note(
        "p: exact two-sided sign-flip (randomisation) test of the mean difference over all 2^n "
        "sign combinations of n pairs; equal means count as extreme. It needs "
        f"{LEAST_PAIRS} pairs. {corrected} Verdict: by Holm p < {_LEVEL}; {FEW_SEEDS}: whatever "
        f"the difference, they cannot give it; {UNFINISHED}: planned trials have not ended."
    )


def _paper_note(tests: int) -> Note:
    fewest = smallest_pairs(max(tests, 1))
    by_holm = "with no number" if fewest is None else f"from {fewest} on"
    return Note(
        "Paper's Δ: difference of the two rows that the paper prints; it states no number of "
        "seeds. Seeds to see it: smallest number of seeds with which a two-sided paired t test "
        "at .05 finds a true difference of that size with a power of .8, given our standard "
        f"deviation of the differences (noncentral t); it needs {LEAST_PAIRS} pairs. That "
        "deviation is itself uncertain, so the number is a rough one; independent of it, the "
        f"sign-flip test can give p < .05 from {ONE_TEST_PAIRS} pairs on, and corrected by Holm's "
        f"method over the tests of this table {by_holm}."
    )


def mixture_notes(baseline: SeedGroup, cells: Sequence[SeedGroup]) -> Iterator[Note]:
    """Yield which cells differ from their baseline in data or hardware."""
    others = dict.fromkeys(cell.cell for cell in cells if not _data(cell) <= _data(baseline))
    if others:
        yield Note(
            f"Attention: these cells read other data than {baseline.cell} (another file or "
            f"alignment), and their Δ includes that difference: {', '.join(others)}."
        )
    rows = {cell.cell: cell.finished.values() for cell in (baseline, *cells)}
    yield from hardware_notes(rows, what="the cells")


def _data(cell: SeedGroup) -> set[str | None]:
    return {trial.data_fingerprint for trial in cell.finished.values()}


def _reach_notes(
    results: Results, ablation: AblationTests, *, pairs: int, done: int
) -> Iterator[Note]:
    """Yield the p values that these seeds cannot reach, and how many seeds can."""
    if smallest_p(pairs) > ALPHA:
        text = (
            f"With {pairs} paired seeds, the most here, the smallest two-sided p that this test "
            f"can give is 2/2^{pairs} = {smallest_p(pairs):g}: p < {_LEVEL} is out of reach, "
            f"however large the difference. {ONE_TEST_PAIRS} seeds are the fewest that can "
            "reach it."
        )
        yield _offer(results, ablation.baseline, text=text, count=ONE_TEST_PAIRS)
    tests, verdicts = _possible_tests(results, ablation), set(ablation.verdicts())
    is_short = UNFINISHED in verdicts and smallest_p(pairs) * tests > ALPHA
    if tests > 1 and (FEW_SEEDS in verdicts or is_short):
        yield _holm_note(results, ablation.baseline, tests=tests, done=done)


def _holm_note(results: Results, baseline: SeedGroup, *, tests: int, done: int) -> Note:
    """Return how many seeds ``tests`` tests need, of which ``done`` have a p value."""
    fewest = smallest_pairs(tests)
    if fewest is None:
        return Note(
            f"Holm p < {_LEVEL} over {tests} tests is out of reach with any number of seeds: "
            f"beyond {MOST_EXACT_PAIRS} pairs the sign-flip test draws {SIGN_CHANGES:,} sign "
            "combinations."
        )
    now = f" ({done} have a p now)" if 0 < done < tests else ""
    text = (
        f"If all cells have equally many paired seeds, Holm p < {_LEVEL} over {tests} "
        f"tests{now} needs {fewest} seeds."
    )
    return _offer(results, baseline, text=text, count=fewest)


def _offer(results: Results, baseline: SeedGroup, *, text: str, count: int) -> Note:
    """Return a note with the command that runs ``count`` seeds, including those in use."""
    command, seeds = results.command, list(baseline.planned)
    if not command:
        return Note(text)
    if len(seeds) < count:  # otherwise as many are planned, and the same command fills them
        following = max(seeds, default=0) + 1
        seeds += range(following, following + count - len(seeds))
        try:
            command = with_values(command, {"seeds": str(seeds)})
        except NotRepeatableError:  # a script's own command takes no --set
            return Note(text)
    return Note(f"{text} Run them with:", command)
