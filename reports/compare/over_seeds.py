"""The tests of whether the best of both runs differ over seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.compare.answer import UNKNOWN, better, sentence
from reports.compare.side import Pair, Side
from reports.content.table import Cell, Column, Estimate, Missing, Note, Number, Style, Table, Text
from reports.statistics import (
    ALPHA,
    INTERVAL_SEEDS,
    LEAST_PAIRS,
    MOST_EXACT_PAIRS,
    SIGN_CHANGES,
    VERDICT_SEEDS,
    Summary,
    holm_adjusted,
    paired_test,
    smallest_p,
    smallest_pairs,
    welch_test,
)
from reports.tables.few_seeds import FEW_SEEDS, NOT_SHOWN, not_shown, too_few
from reports.tables.metrics import Metric, metrics_of
from reports.tables.verdicts import verdict_of_test

_COLUMNS = (
    Column("metric", "test metric", is_text=True),
    Column("seeds", "seeds", is_text=True),
    Column("difference", "difference"),
    Column("p", "p"),
    Column("p_holm", "Holm p"),
    Column("answer", "answer", is_text=True),
)
_WELCH = Note(
    f"If both runs share fewer than {LEAST_PAIRS} seeds, p and interval are those of Welch's "
    f"two-sided t test (unequal variances), which needs {INTERVAL_SEEDS} seeds of each run, and "
    f"its answer {VERDICT_SEEDS} of each."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """The test of one metric.

    Attributes:
        metric: the test metric.
        seeds: number of pairs, or of seeds of both runs, as text.
        pairs: number of seeds that both runs have; 0 if the test is unpaired.
        count: number of pairs, or of seeds of the run with fewer.
        difference: difference ``second - first`` of the means; None without a value.
        p: p value; None without a test.
    """

    metric: Metric
    seeds: str
    pairs: int
    count: int
    difference: Summary | None
    p: float | None

    @property
    def least(self) -> float | None:
        """Return the smallest p of as many seeds; that of Welch's test has no limit above 0."""
        if self.p is None:
            return None
        return smallest_p(self.pairs) if self.pairs else 0.0


def over_seeds_table(pair: Pair) -> Table:
    """Return the table of tests; both runs must have a best and the same test utterances."""
    tests = [_tested(pair, metric) for metric in _common(pair)]
    corrected = holm_adjusted([test.p for test in tests])
    answers = list(_answers(pair, tests, corrected=corrected))
    return Table(
        name="compare_seeds",
        title="Comparison: do the best differ over seeds?",
        columns=_COLUMNS,
        rows=tuple(
            (*_cells(test), _p(p), Text(said))
            for test, p, said in zip(tests, corrected, answers, strict=True)
        ),
        notes=tuple(_notes(pair, tests, answers=answers)),
        is_whole=True,
    )


def _common(pair: Pair) -> list[Metric]:
    """Return the metrics that are tested in both runs."""
    first, second = (metrics_of(side.results).tested for side in pair.sides)
    return [metric for metric in first if metric in second]


def _tested(pair: Pair, metric: Metric) -> _Tested:
    first, second = (_values(side, metric) for side in pair.sides)
    common = len(first.keys() & second.keys())
    paired = paired_test(first, second) if common >= LEAST_PAIRS else None
    if paired is None:
        return _unpaired(metric, first, second=second)
    return _Tested(
        metric=metric,
        seeds=f"{common} pairs",
        pairs=common,
        count=common,
        difference=paired.difference,
        p=paired.p,
    )


def _unpaired(
    metric: Metric, first: Mapping[int, float], *, second: Mapping[int, float]
) -> _Tested:
    welch = welch_test(list(first.values()), list(second.values()))
    return _Tested(
        metric=metric,
        seeds=f"{len(first)} and {len(second)}",
        pairs=0,
        count=min(len(first), len(second)),
        difference=welch.difference if welch else None,
        p=welch.p if welch else None,
    )


def _values(side: Side, metric: Metric) -> dict[int, float]:
    assert side.best is not None
    return side.best.setting.values("test", metric.name)


def _cells(test: _Tested) -> tuple[Cell, ...]:
    """Return the cells of a test that the other tests do not affect."""
    difference = (
        Missing()
        if test.difference is None
        else Estimate(test.difference, test.metric.style, signed=True)
    )
    return Text(test.metric.title), Text(test.seeds), difference, _p(test.p)


def _p(p: float | None) -> Cell:
    return Missing() if p is None else Number(p, Style.P_VALUE)


def _answers(
    pair: Pair, tests: Sequence[_Tested], *, corrected: Sequence[float | None]
) -> Iterator[str]:
    """Yield the answer of each test, by the rule of ``verdict_of_test``."""
    least = holm_adjusted([test.least for test in tests])
    needed = smallest_pairs(max(sum(p is not None for p in corrected), 1))
    assert needed is not None  # a comparison has a few metrics
    for test, p, smallest in zip(tests, corrected, least, strict=True):
        if not test.pairs and (few := too_few(test.count)):
            yield few
        elif test.difference is None or p is None or smallest is None:
            yield UNKNOWN
        else:
            found = verdict_of_test(test.difference, p, least=smallest, metric=test.metric)
            yield _in_words(pair, test, verdict=found, needed=needed)


def _in_words(pair: Pair, test: _Tested, *, verdict: str, needed: int) -> str:
    """Return a verdict with the name of the better run, or with what it lacks."""
    assert test.difference is not None
    if verdict == FEW_SEEDS:
        return too_few(test.count, needed)
    if verdict == NOT_SHOWN:
        return not_shown(test.difference, test.metric.style)
    return better(pair, test.difference.mean, mode=test.metric.mode)


def _notes(pair: Pair, tests: Sequence[_Tested], *, answers: Sequence[str]) -> Iterator[Note]:
    titles = [test.metric.title for test in tests]
    yield Note(sentence(dict(zip(titles, answers, strict=True))))
    yield _difference_note(pair, [test.metric for test in tests])
    done = sum(test.p is not None for test in tests)
    pairs = max(test.pairs for test in tests)
    if pairs:
        yield _sign_flip_note(pairs)
    if not all(test.pairs for test in tests):
        yield _WELCH
    yield Note(f"Holm p: corrected by Holm's method over the tests of this table ({done}).")
    if pairs:
        yield from _power(pairs, max(done, 1))


def _difference_note(pair: Pair, metrics: Sequence[Metric]) -> Note:
    has_acc2 = any(metric.style is Style.PERCENT for metric in metrics)
    return Note(
        f"Difference: {pair.second.name} - {pair.first.name} of mean test metrics and its "
        f"two-sided 95 % t interval [low, high], which needs {INTERVAL_SEEDS} seeds"
        f"{'; Acc-2 in percentage points' if has_acc2 else ''}. Answer: by Holm p. "
        f"{FEW_SEEDS.capitalize()}: whatever the difference, they cannot give Holm p < .05. Half "
        "width: that of the interval."
    )


def _sign_flip_note(pairs: int) -> Note:
    drawn = (
        f"; with more than {MOST_EXACT_PAIRS} pairs it draws {SIGN_CHANGES:,} sign "
        "combinations with a fixed seed instead of using all"
    )
    return Note(
        "Pairs: seeds that both have. p: exact two-sided sign-flip test of the paired "
        f"differences{drawn if pairs > MOST_EXACT_PAIRS else ''}."
    )


def _power(pairs: int, tests: int) -> Iterator[Note]:
    """Yield a note if these pairs are too few to show any difference."""
    if smallest_p(pairs) * tests > ALPHA:
        yield Note(
            f"{pairs} pairs cannot show a difference: the smallest p they can give is "
            f"{smallest_p(pairs):.4g}, {min(1.0, smallest_p(pairs) * tests):.4g} by Holm's method. "
            f"{smallest_pairs(tests)} pairs can. The t intervals, which assume normal differences, "
            "can be read with fewer."
        )
