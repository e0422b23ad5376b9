"""The lines that say whether repeated trials equal their record."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.ledger.reading.results import Results
from reports.ledger.schema import STOPPED
from reports.ledger.trials import Trial
from reports.results.repetition.comparison import (
    BEST_EPOCH,
    EPOCH,
    LABEL,
    METRIC,
    Comparison,
    Part,
    circumstances,
    compare_trials,
    failure_text,
)
from search.cli.display.wording import counted
from search.cli.repetition.recorded_trials import RecordedTrials
from search.errors import SearchError

_MOST_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How repeated trials compare with their record.

    Attributes:
        lines: what to print: a line for each trial, why they may differ, and how many are equal.
        is_equal: whether all numbers of all trials are equal.
    """

    lines: Sequence[str]
    is_equal: bool


def outcome_of(
    record: Results, repeated: Results, *, trials: RecordedTrials, began: datetime
) -> Outcome:
    """Return how the trials that have ended compare with their record.

    Args:
        record: the run of the record.
        repeated: the run that repeats its trials.
        trials: the trials.
        began: when the present command began; trials that ended before are named.

    Raises:
        SearchError: a trial is the recorded one itself, taken over from another run.
    """
    found = [
        compare_trials(record, repeated, key=before.key, repeated_key=trial.key)
        for before, trial in _pairs(repeated, trials)
    ]
    lines = [f"seed {each.seed}: {_sentence(each)}{_age(each.trial, began)}" for each in found]
    different = [each for each in found if each.has_differences]
    if different:
        causes = [
            why for each in different for why in circumstances(record, repeated, comparison=each)
        ]
        lines += _causes(list(dict.fromkeys(causes)))
    total, equal = len(trials.seeds), sum(each.is_equal for each in found)
    missing = ", ".join(str(s) for s in trials.seeds if s not in {each.seed for each in found})
    if missing:
        lines.append(f"not computed yet: seed {missing}")
    failed = any(trial.failure for trial in trials.by_seed.values())
    same = "ended as recorded" if failed else "equal to the record to the last bit"
    lines.append(f"{same}: {equal} of {counted(total, 'trial')}")
    return Outcome(lines=lines, is_equal=equal == total)


def _age(trial: Trial, began: datetime) -> str:
    if trial.ended_at >= began:
        return ""
    return f" (computed by an earlier command, {trial.ended_at:%Y-%m-%d %H:%M} UTC)"


def _pairs(repeated: Results, trials: RecordedTrials) -> Iterator[tuple[Trial, Trial]]:
    """Yield each recorded trial with its repetition, by seed, where that has ended."""
    by_seed = {repeated.trials[role.key].seed: role.key for role in repeated.roles}
    for seed in trials.seeds:
        if seed not in by_seed:
            continue
        before, trial = trials.by_seed[seed], repeated.trials[by_seed[seed]]
        if trial.adopted_from and trial.ended_at == before.ended_at:
            raise SearchError(
                f"seed {seed} was not computed again: {repeated.folder} took over the recorded "
                f"trial from the run {trial.adopted_from} beside it; name another folder: --out DIR"
            )
        yield before, trial


def _sentence(comparison: Comparison) -> str:
    """Return how a trial ended, unless it finished as recorded, and how its numbers compare."""
    record, numbers = comparison.record, _numbers(comparison)
    if comparison.ends_as_recorded and not record.failure:
        return numbers or "the record holds no number"
    recorded = "as recorded" if comparison.ends_as_recorded else f"recorded as {_end(record)}"
    return "; ".join(filter(None, (f"{_end(comparison.trial)}, {recorded}", numbers)))


def _numbers(comparison: Comparison) -> str:
    """Return how the numbers that the record holds compare, "" where it holds none."""
    if not comparison.has_numbers:
        return ""
    if comparison.has_differences:
        different = [_difference(part) for part in comparison.parts if part.different]
        return f"differs from the record in {'; in '.join(different)}"
    return f"equal to the record in {_amounts(comparison)}{_lacking(comparison)}"


def _amounts(comparison: Comparison) -> str:
    amounts = [
        counted(part.compared, part.title)
        for part in comparison.parts
        if part.compared and part.title != BEST_EPOCH
    ]
    return " and ".join(", ".join(amounts).rsplit(", ", 1))


def _lacking(comparison: Comparison) -> str:
    """Return what was not compared, and how far a stopped trial went on."""
    record, trial = comparison.record, comparison.trial
    if comparison.lacking:
        return f"; the record lacks its {' and '.join(f'{title}s' for title in comparison.lacking)}"
    if record.status == STOPPED and (trial.epochs or 0) > (record.epochs or 0):
        return f"; the search stopped it there, the repetition ran on to epoch {trial.epochs}"
    return ""


def _end(trial: Trial) -> str:
    return f"failed ({failure_text(trial)})" if trial.failure else trial.status


def _difference(part: Part) -> str:
    """Return how many numbers of a kind differ, which, and by how much."""
    if part.title == BEST_EPOCH:
        return f"the best epoch, here {part.different[0]}"
    if part.title in (EPOCH, LABEL):
        what = "labels" if part.title == LABEL else "numbers"
        return f"the {what} of {_epochs(part)}{_by(part.distance, ', at first by')}"
    names = f" ({_listed(part.different)})" if part.title == METRIC else ""
    number = f"{len(part.different)} of {counted(part.compared, part.title)}{names}"
    return f"{number}{_by(part.distance, ', by at most')}"


def _by(distance: float, how: str) -> str:
    if math.isnan(distance):
        return ", one of two values is NaN"
    return ", one of two values is missing" if math.isinf(distance) else f"{how} {distance:.2g}"


def _epochs(part: Part) -> str:
    return f"epoch {part.different[0]}" + (" and later" if len(part.different) > 1 else "")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join([*names[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])])


def _causes(differences: Sequence[str]) -> Iterator[str]:
    if differences:
        yield "what else differs from the record, and may be the cause:"
        yield from (f"  {each}" for each in differences)
    else:
        yield (
            "nothing else differs that the record names: data, encoder, processor, threads, "
            "versions of the packages and of this code"
        )
