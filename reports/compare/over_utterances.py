"""The tests of whether the best of both runs differ over the test utterances."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reports.compare.answer import UNKNOWN, better, sentence
from reports.compare.side import Pair
from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.results.dataset import dataset_of
from reports.results.ensembles import Numbers, System
from reports.statistics import (
    ALPHA,
    RESAMPLES,
    WAYS,
    Kind,
    McNemar,
    Summary,
    bootstrap_mean,
    clipped,
    correct,
    mcnemar_test,
)
from reports.tables.few_seeds import NOT_SHOWN, not_shown, too_few
from reports.tables.metrics import METRICS, interval

LEAST_UTTERANCES = 6
"""Fewest utterances for an answer in any metric.

With fewer no exact two-sided test of paired utterances, as McNemar's, can give p < .05
(2 / 2^5 = .06, 2 / 2^6 = .03), and a bootstrap interval is too narrow.
"""
TOO_FEW_UTTERANCES = "too few utterances"
_MAE = "MAE"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """The ensembles of both runs on the same utterances.

    Attributes:
        members: number of seeds in each ensemble.
        left_out: number of utterances without a finite value.
        labels: [N] human labels.
        first: [N] predictions of the first run's ensemble.
        second: [N] predictions of the second run's ensemble.
    """

    members: int
    left_out: int
    labels: Numbers
    first: Numbers
    second: Numbers


def over_utterances_table(pair: Pair) -> tuple[Table, ...]:
    """Return the comparison by utterance; none if predictions are not recorded."""
    if pair.first.system is None or pair.second.system is None:
        return ()
    scored = _scored(pair.first.system, pair.second.system)
    if not len(scored.labels):
        return ()
    compared = list(_compared(pair, scored))
    answers = {metric: answer for metric, answer, _ in compared}
    table = Table(
        name="compare_utterances",
        title="Comparison: do the best differ over the test utterances?",
        columns=_columns(pair),
        rows=tuple(row for _, _, row in compared),
        notes=tuple(_notes(pair, scored, answers=answers)),
        folds=True,
        is_whole=True,
    )
    return (table,)


def _columns(pair: Pair) -> tuple[Column, ...]:
    return (
        Column("metric", "test metric", is_text=True),
        Column("utterances", "utterances"),
        Column("first", pair.first.name),
        Column("second", pair.second.name),
        Column("difference", "difference"),
        Column("interval", "95 % interval"),
        Column("first_only", f"right in {pair.first.name} alone"),
        Column("second_only", f"right in {pair.second.name} alone"),
        Column("p", "p"),
        Column("answer", "answer", is_text=True),
    )


def _compared(pair: Pair, scored: _Scored) -> Iterator[tuple[str, str, tuple[Cell, ...]]]:
    """Yield each metric with its answer and its row; Acc-2 only where a label is not 0."""
    few, kind = too_few(scored.members), _kind(pair)
    both = (scored.first, scored.second)
    true = clipped(scored.labels, kind)
    errors = [np.abs(clipped(predicted, kind) - true) for predicted in both]
    difference = bootstrap_mean(errors[1] - errors[0])
    answer = few or _few(difference.count or 0) or _mae_answer(pair, difference)
    means = [float(each.mean()) for each in errors]
    yield _MAE, answer, _mae_row(means, difference, answer=answer)
    for way in WAYS[kind][-1:]:
        right = [correct(predicted, scored.labels, way=way) for predicted in both]
        if len(right[0]):
            test, title = mcnemar_test(*right), METRICS[f"acc2_{way}"].title
            answer = few or _few(test.utterances) or _acc2_answer(pair, test)
            scores = [float(each.mean()) for each in right]
            yield title, answer, (Text(title), *_acc2_row(scores, test, answer=answer))


def _kind(pair: Pair) -> Kind:
    """Return the kind of metrics of both runs; they have MAE in common where it differs."""
    first, second = (dataset_of(side.results).kind for side in pair.sides)
    return first if first == second else "regression"


def _scored(first: System, second: System) -> _Scored:
    """Return ensembles of equally many seeds; one of more seeds would have an advantage."""
    members = min(len(first.seeds), len(second.seeds))
    ours, theirs = (one.ensemble(sorted(one.seeds)[:members]) for one in (first, second))
    finite = np.isfinite([ours.values, theirs.values, ours.labels]).all(axis=0)
    return _Scored(
        members=members,
        left_out=int((~finite).sum()),
        labels=ours.labels[finite],
        first=ours.values[finite],
        second=theirs.values[finite],
    )


def _few(utterances: int) -> str:
    """Return that there are too few utterances for an answer; "" if they are enough."""
    return TOO_FEW_UTTERANCES if utterances < LEAST_UTTERANCES else ""


def _mae_answer(pair: Pair, difference: Summary) -> str:
    if difference.low is None or difference.high is None:
        return UNKNOWN
    if difference.low <= 0 <= difference.high:
        return not_shown(difference, Style.SCORE)
    return better(pair, difference.mean, mode="min")


def _acc2_answer(pair: Pair, test: McNemar) -> str:
    return better(pair, _gain(test), mode="max") if test.p < ALPHA else NOT_SHOWN


def _gain(test: McNemar) -> float:
    return (test.second_only - test.first_only) / test.utterances


def _mae_row(scores: Sequence[float], difference: Summary, *, answer: str) -> tuple[Cell, ...]:
    style = Style.SCORE
    return (
        Text(_MAE),
        Number(difference.count or 0, Style.INTEGER),
        *(Number(score, style) for score in scores),
        Number(difference.mean, style, signed=True),
        interval(difference, style),
        *(Missing(), Missing(), Missing()),
        Text(answer),
    )


def _acc2_row(scores: Sequence[float], test: McNemar, *, answer: str) -> tuple[Cell, ...]:
    return (
        Number(test.utterances, Style.INTEGER),
        *(Number(score, Style.PERCENT) for score in scores),
        Number(_gain(test), Style.PERCENT, signed=True),
        Missing(),
        *(Number(count, Style.INTEGER) for count in (test.first_only, test.second_only)),
        Number(test.p, Style.P_VALUE),
        Text(answer),
    )


def _notes(pair: Pair, scored: _Scored, *, answers: dict[str, str]) -> Iterator[Note]:
    has_acc2 = bool(WAYS[_kind(pair)])
    yield Note(sentence(answers))
    if TOO_FEW_UTTERANCES in answers.values():
        yield Note(f"Too few utterances: an answer needs {LEAST_UTTERANCES}, whatever the metric.")
    members = (
        f"the mean predictions of {scored.members} seeds of each run (the smallest ones, as many "
        "as both have)"
        if scored.members > 1
        else "the predictions of one seed of each run (the smallest)"
    )
    yield Note(
        f"Systems: {members}, on the same utterances, by their ids. Difference: "
        f"{pair.second.name} - {pair.first.name}{'; Acc-2 in percent' if has_acc2 else ''}."
        + (f" Left out: {scored.left_out} without a finite value." if scored.left_out else "")
    )
    yield Note(
        "MAE: 95 % BCa bootstrap interval of the mean difference of absolute errors "
        f"({RESAMPLES:,} resamples of utterances). "
        + (
            "Acc-2: exact two-sided McNemar test of the utterances that only one run classifies "
            "correctly. The two tests are not corrected for their number. They are"
            if has_acc2
            else "It is"
        )
        + " about these trained models on similar utterances, not about other seeds."
    )
