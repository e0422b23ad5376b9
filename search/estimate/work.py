"""What a run has still to compute, grouped by trials that cost about the same."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reports.ledger.schema import ABLATION, CONFIRM, SEARCH
from search.estimate.groups import CostGroup
from search.estimate.stopping import expected_trials
from search.plan import Plan
from sugrm import SugrmError
from sugrm.config.identity import identifying_options

if TYPE_CHECKING:
    from search.queue.dry_run import Remaining
    from search.space import Space
    from sugrm import ExperimentConfig

_DRAWS = 64
_MOST_GROUPS = 8
"""Largest number of groups of a search: those that its parameters lead to most often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Trials of one phase that cost the same.

    Attributes:
        phase: ``search``, ``confirm`` or ``ablation``.
        config: experiment of one of the trials.
        trials: number of trials; for a search the expected number, which need not be whole.
        most_epochs: epochs of all trials together if none stops early.
        likely_epochs: epochs of all trials together if the search's scheduler stops poor ones.
    """

    phase: str
    config: "ExperimentConfig"
    trials: float
    most_epochs: float
    likely_epochs: float

    @property
    def group(self) -> CostGroup:
        """Return what decides the time of an epoch."""
        return CostGroup.of(identifying_options(self.config))


def most_trials(work: Iterable[Work]) -> int:
    """Return the number of trials, rounded up: a group of a search may have less than half a trial.

    Sums of expected numbers are off by less than a millionth.
    """
    return math.ceil(sum(each.trials for each in work) - 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LikelyEpochs:
    """How many epochs a trial of the search is expected to run.

    Attributes:
        first: those of a trial with the first seed, which the scheduler may stop.
        mean: those of any trial that the search has at most: configurations x seeds. A
            configuration whose first trial is stopped has no other, which counts as 0 epochs.
    """

    first: float
    mean: float


def remaining_work(space: "Space", plan: Plan, *, remaining: "Remaining") -> list[Work]:
    """Return what is left to compute, grouped by phase and cost.

    Args:
        space: the space that is run.
        plan: the plan of ``space``.
        remaining: the trials that the run would compute.
    """
    likely = _likely_epochs(space, plan)
    return [
        *_searched(remaining, plan, likely=None if likely is None else likely.first),
        *_suggestions(space, plan, left=remaining.suggestions, likely=likely),
        *_known(remaining, CONFIRM),
        *_confirmations(space, plan, left=remaining.confirmations),
        *_known(remaining, ABLATION),
    ]


def _known(remaining: "Remaining", phase: str) -> Iterator[Work]:
    for found, trial in remaining.trials:
        if found == phase:
            most = trial.config.training.max_epochs
            yield _work(phase, trial.config, trials=1, most=most, likely=most)


def _searched(remaining: "Remaining", plan: Plan, *, likely: float | None) -> Iterator[Work]:
    """Yield the known trials of the search; only those with its first seed are stopped early."""
    for found, trial in remaining.trials:
        if found == SEARCH:
            most = float(trial.config.training.max_epochs)
            is_first = trial.seed == plan.search_seed
            epochs = likely if is_first and likely is not None else most
            yield _work(SEARCH, trial.config, trials=1, most=most, likely=epochs)


def _likely_epochs(space: "Space", plan: Plan) -> _LikelyEpochs | None:
    """Return the epochs that a trial of the search is expected to run, None without a search."""
    if space.search is None or not plan.search_trials:
        return None
    most, trials = plan.search_epochs, plan.search_trials
    first = expected_trials(space.search, trials, max_epochs=most)
    others = first.finished * (len(plan.search_seeds) - 1) * most
    return _LikelyEpochs(
        first=first.epochs / trials, mean=(first.epochs + others) / plan.search_runs
    )


def _suggestions(
    space: "Space", plan: Plan, *, left: int, likely: _LikelyEpochs | None
) -> Iterator[Work]:
    """Yield the trials that the sampler has still to suggest, with all of their seeds."""
    if left and likely is not None:
        most, epochs = plan.search_epochs, likely.mean
        for config, share in _drawn(space):
            yield _work(SEARCH, config, trials=share * left, most=most, likely=epochs)


def _confirmations(space: "Space", plan: Plan, *, left: int) -> Iterator[Work]:
    """Yield the confirmations of trials that the search may still choose."""
    if left:
        for config, trials in _suggested(space, plan.search_trials):
            share = trials / plan.search_trials
            epochs = plan.search_epochs
            yield _work(CONFIRM, config, trials=share * left, most=epochs, likely=epochs)


def _work(
    phase: str, config: "ExperimentConfig", *, trials: float, most: float, likely: float
) -> Work:
    return Work(
        phase=phase,
        config=config,
        trials=trials,
        most_epochs=trials * most,
        likely_epochs=trials * likely,
    )


def _suggested(space: "Space", trials: int) -> Iterator[tuple["ExperimentConfig", float]]:
    """Yield the kinds of trials of a whole search, each with its number of trials.

    The starting points are known; the later suggestions of the sampler are not.
    """
    entries = space.search.start if space.search is not None else ()
    starts = [_resolved(space, entry) for entry in entries[:trials]]
    known = [config for config in starts if config is not None]
    yield from ((config, 1.0) for config in known)
    if trials > len(known):
        yield from ((config, share * (trials - len(known))) for config, share in _drawn(space))


def _drawn(space: "Space") -> list[tuple["ExperimentConfig", float]]:
    """Return the usual kinds of trials of a search, each with its share."""
    from search.space.conditions import draw

    parameters = space.search.parameters if space.search is not None else {}
    generator = random.Random(0)
    count: Counter[CostGroup] = Counter()
    configs: dict[CostGroup, ExperimentConfig] = {}
    for _ in range(_DRAWS):
        config = _resolved(space, draw(parameters, generator))
        if config is not None:
            group = CostGroup.of(identifying_options(config))
            configs.setdefault(group, config)
            count[group] += 1
    usual = count.most_common(_MOST_GROUPS)
    total = sum(number for _, number in usual)
    if not total:
        return [(space.experiment_of(), 1.0)]
    return [(configs[group], number / total) for group, number in usual]


def _resolved(space: "Space", changes: Mapping[str, Any]) -> "ExperimentConfig | None":
    try:
        return space.experiment_of(changes)
    except (ValidationError, SugrmError):  # values that do not go together
        return None
