"""The lines that say whether repeated trials equal their record."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.ledger.reading.results import Results
from reports.ledger.schema import FAILED
from reports.ledger.trials import Trial
from reports.results.repetition import Comparison, circumstances, compare_trials
from search.cli.display.wording import counted
from search.cli.repetition.recorded_trials import RecordedTrials
from search.errors import SearchError

_MOST_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How repeated trials compare with their record.

    Attributes:
        lines: what to print: a line for each trial, why they may differ, and how many are equal.
        is_equal: whether all numbers of all trials are equal.
    """

    lines: Sequence[str]
    is_equal: bool


def compare(record: Results, repeated: Results, trials: RecordedTrials) -> Result:
    """Return how the trials of a run that has ended compare with their record.

    Raises:
        SearchError: a trial is the recorded one itself, taken over from another run.
    """
    pairs = list(_pairs(repeated, trials))
    found = [
        compare_trials(record, repeated, key=before.key, repeated_key=trial.key)
        for before, trial in pairs
    ]
    lines = [
        f"seed {each.seed}: {_result(each, before)}"
        for (before, _), each in zip(pairs, found, strict=True)
    ]
    different = [
        (before, trial)
        for (before, trial), each in zip(pairs, found, strict=True)
        if before.status == FAILED or not each.is_equal
    ]
    if different:
        before, trial = different[0]
        why = circumstances(record, repeated, key=before.key, repeated_key=trial.key)
        lines += _causes(list(why))
    equal = len(found) - len(different)
    lines.append(f"equal to the record to the last bit: {equal} of {counted(len(found), 'trial')}")
    return Result(lines=lines, is_equal=not different)


def _pairs(repeated: Results, trials: RecordedTrials) -> Iterator[tuple[Trial, Trial]]:
    """Yield each recorded trial with its repetition, by seed."""
    by_seed = {repeated.trials[role.key].seed: role.key for role in repeated.roles}
    for seed in trials.seeds:
        before, trial = trials.by_seed[seed], repeated.trials[by_seed[seed]]
        if trial.adopted_from and trial.ended_at == before.ended_at:
            raise SearchError(
                f"seed {seed} was not computed again: {repeated.folder} took over the recorded "
                f"trial from the run {trial.adopted_from} beside it; name another folder: --out DIR"
            )
        yield before, trial


def _result(comparison: Comparison, record: Trial) -> str:
    if record.status == FAILED:
        return f"finished, while the recorded trial failed ({record.failure})"
    if comparison.is_equal:
        return f"equal to the record in {_amounts(comparison)}"
    parts = []
    if comparison.different:
        parts.append(
            f"{len(comparison.different)} of {counted(comparison.metrics, 'metric')} "
            f"({_listed(comparison.different)}), by {_by(comparison.metric_difference)}"
        )
    if comparison.first_epoch is not None:
        parts.append(
            f"epochs from {comparison.first_epoch} on, that one by "
            f"{_by(comparison.epoch_difference)}"
        )
    if comparison.prediction_difference:
        parts.append(f"predictions, by {_by(comparison.prediction_difference)}")
    return f"differs from the record in {'; '.join(parts)}"


def _amounts(comparison: Comparison) -> str:
    parts = [
        counted(comparison.metrics, "metric") if comparison.metrics else "",
        counted(comparison.epochs, "epoch") if comparison.epochs else "",
        counted(comparison.predictions, "prediction") if comparison.predictions else "",
    ]
    return " and ".join(", ".join(filter(None, parts)).rsplit(", ", 1))


def _by(difference: float) -> str:
    return "missing values" if math.isnan(difference) else f"at most {difference:.2g}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])


def _causes(differences: Sequence[str]) -> Iterator[str]:
    if not differences:
        yield (
            "data, encoder, processor and package versions are those of the record, as far as it "
            "names them"
        )
        return
    yield "what else differs from the record, and may be the cause:"
    for each in differences:
        yield f"  {each}"
