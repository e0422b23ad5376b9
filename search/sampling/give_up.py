"""Giving a configuration up before it has run with all seeds of the search.

A decision compares the values so far with those of the best configuration that was complete when
the last of them was recorded. It depends on nothing but the ledger, so a run that was cut off
decides the same when it continues, however many trials it computes at once.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Literal

from reports.ledger.goals import Goal
from search.space.sections import GiveUpConfig

Values = Mapping[int, float]
"""Seed -> value of the objective."""


def gives_up(options: GiveUpConfig, goal: Goal, *, values: Values, best: Values) -> bool:
    """Return whether a configuration is given up, by the search's ``give_up``.

    Args:
        options: the section ``give_up``.
        goal: the objective.
        values: the values of the configuration so far, at least one.
        best: the values of the best complete configuration, one for every seed.
    """
    match options.rule:
        case "none":
            return False
        case "range":
            mean = fmean(values.values())
            worst = max(best.values()) if goal.mode == "min" else min(best.values())
            return mean > worst if goal.mode == "min" else mean < worst
        case "wilcoxon":
            return _wilcoxon(options.p, goal.mode, values=values, best=best)


def _wilcoxon(p: float, mode: str, *, values: Values, best: Values) -> bool:
    """Ask Optuna's pruner, in a study that holds nothing but these two configurations."""
    import optuna  # takes a second to load, which other rules do not need
    from optuna.trial import TrialState, create_trial

    from search.sampling.samplers import quiet

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    direction: Literal["maximize", "minimize"] = "maximize" if mode == "max" else "minimize"
    study = optuna.create_study(direction=direction)
    seeds: Sequence[int] = list(best)
    study.add_trial(
        create_trial(
            value=fmean(best.values()),
            intermediate_values={seeds.index(seed): value for seed, value in best.items()},
        )
    )
    so_far = {seeds.index(seed): value for seed, value in values.items() if seed in best}
    running = create_trial(state=TrialState.RUNNING, intermediate_values=so_far)
    with quiet():
        return optuna.pruners.WilcoxonPruner(p_threshold=p).prune(study, running)
