"""A search that ended without a configuration to confirm: why, and what to do."""

from collections import Counter

from reports.ledger.schema import FAILED, FINISHED, SEARCH
from search.events import Unconfirmed
from search.ledger.run_index import RunIndex

_AFTER_FAILURES = (
    "fix the cause, then run the same command again: what failed runs again, but not after nan"
)
_AFTER_SOME_FAILURES = "fix the cause of the failures, then run more trials (--trials)"
_AFTER_NAN = (
    "the loss is not a number in every trial: change the values that cause it, for example a "
    "smaller learning rate, or run more trials (--trials)"
)
_WITHOUT_VALUE = (
    "the objective was undefined in every finished trial: choose another search.objective"
)
_AFTER_STOPS = "run more trials (--trials), or let the search stop fewer of them"


def unconfirmed_of(index: RunIndex, *, trials: int, seeds: int) -> Unconfirmed | None:
    """Return why a search that has ended has nothing to confirm, and what to do.

    Args:
        index: the trials of the run that ended, none of which completes a configuration.
        trials: the confirmation trials that the space plans, at least 0.
        seeds: the seeds of each configuration of the search, at least 1.

    Returns:
        None where no confirmation is planned.
    """
    if not trials:
        return None
    ends: Counter[str] = Counter()
    for (phase, _, status), count in index.ends.items():
        ends[status] += count * (phase == SEARCH)
    what, step = "trial of the search has finished", _AFTER_STOPS
    if seeds > 1:
        what = "configuration of the search has finished with every seed"
    elif ends[FINISHED]:
        what, step = "finished trial of the search has a value of its objective", _WITHOUT_VALUE
    if ends[FAILED]:  # failed trials of a search run again only where every one has failed
        step = _AFTER_FAILURES if ends[FAILED] == ends.total() else _AFTER_SOME_FAILURES
    if _all_failed_with_nan(index):
        step = _AFTER_NAN
    noun = "confirmation trial" if trials == 1 else f"{trials} confirmation trials"
    return Unconfirmed(
        trials=trials,
        why=f"no {what}, so the {noun} cannot run",
        next_step=step,
    )


def _all_failed_with_nan(index: RunIndex) -> bool:
    """Return whether every trial of the search failed with a loss that is not a number.

    The next command does not run such a trial again (``failed_keys``).
    """
    trials = [index.trials[key] for key in (*index.first, *index.leads)]
    return bool(trials) and all(trial.failure == "nan" for trial in trials)
