"""The lines that say whether repeated trials equal their record."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.ledger.reading.results import Results
from reports.ledger.trials import Trial
from reports.results.trial_comparison import (
    EPOCH,
    LABEL,
    METRIC,
    Comparison,
    Part,
    circumstances,
    compare_trials,
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


def outcome_of(record: Results, repeated: Results, trials: RecordedTrials) -> Outcome:
    """Return how the trials of a run that has ended compare with their record.

    Raises:
        SearchError: a trial is the recorded one itself, taken over from another run.
    """
    found = [
        compare_trials(record, repeated, key=before.key, repeated_key=trial.key)
        for before, trial in _pairs(repeated, trials)
    ]
    lines = [f"seed {each.seed}: {_sentence(each)}" for each in found]
    different = [each for each in found if not each.is_equal]
    if different:
        causes = [why for each in different for why in circumstances(record, repeated, each)]
        lines += _causes(list(dict.fromkeys(causes)))
    total = len(trials.seeds)
    equal = len(found) - len(different)
    lines.append(f"equal to the record to the last bit: {equal} of {counted(total, 'trial')}")
    return Outcome(lines=lines, is_equal=equal == total)


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
    record, trial = comparison.record, comparison.trial
    if not comparison.ends_as_recorded:
        return f"{_end(trial)}, recorded as {_end(record)}"
    if not any(part.compared for part in comparison.parts):
        return f"{_end(trial)}, as recorded" if record.failure else "the record holds no number"
    ending = f"{_end(trial)}, as recorded; " if record.failure else ""
    different = [_difference(part) for part in comparison.parts if part.different]
    if different:
        return f"{ending}differs from the record in {'; in '.join(different)}"
    amounts = [counted(part.compared, part.title) for part in comparison.parts if part.compared]
    return f"{ending}equal to the record in {' and '.join(', '.join(amounts).rsplit(', ', 1))}"


def _end(trial: Trial) -> str:
    return f"failed ({trial.failure})" if trial.failure else trial.status


def _difference(part: Part) -> str:
    """Return how many numbers of a kind differ, which, and by how much."""
    by = "values that one of the two lacks" if math.isnan(part.distance) else f"{part.distance:.2g}"
    if part.title in (EPOCH, LABEL):
        what = "labels" if part.title == LABEL else "numbers"
        return f"the {what} of {_epochs(part)}, at first by {by}"
    names = f" ({_listed(part.different)})" if part.title == METRIC else ""
    return f"{len(part.different)} of {counted(part.compared, part.title)}{names}, by at most {by}"


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
            "nothing else differs that the record names: data, encoder, processor, versions of the "
            "packages and of this code"
        )
