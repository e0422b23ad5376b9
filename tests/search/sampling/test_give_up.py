"""When a configuration is given up before it has run with all seeds."""

import numpy as np
import pytest

from reports.ledger.goals import Goal
from search.sampling.give_up import gives_up
from search.space.sections import GiveUpConfig

MAE, ACC = Goal("valid/mae"), Goal("valid/acc7", "max")
BEST = {1: 0.4, 2: 0.5, 3: 0.6, 4: 0.5, 5: 0.5}


def decide(rule, values, goal=MAE, best=BEST, p=0.1):
    return gives_up(GiveUpConfig(rule=rule, p=p), goal, values=values, best=best)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({1: 0.61}, True),
        ({1: 0.6}, False),
        ({1: 0.7, 2: 0.5}, False),
        ({1: 0.7, 2: 0.51}, True),
    ],
)
def test_range_compares_the_mean_so_far_with_the_worst_seed_of_the_best(values, wanted):
    assert decide("range", values) is wanted
    turned = {seed: -value for seed, value in values.items()}
    assert decide("range", turned, ACC, {s: -value for s, value in BEST.items()}) is wanted


@pytest.mark.parametrize(
    ("count", "p", "wanted"),
    [(1, 0.9, False), (2, 0.25, False), (2, 0.26, True), (3, 0.13, True), (4, 0.1, True)],
)
def test_wilcoxon_needs_a_p_above_one_half_to_the_power_of_the_seeds(count, p, wanted):
    """Each value is worse than that of the best with the same seed: the smallest p there is."""
    best = dict.fromkeys(BEST, 0.5)
    values = {seed: 0.5 + 0.01 * seed for seed in range(1, count + 1)}
    assert decide("wilcoxon", values, best=best, p=p) is wanted
    assert decide("none", values, best=best, p=p) is False
    better = {seed: value - 1 for seed, value in values.items()}
    assert decide("wilcoxon", better, best=best, p=p) is False
    turned = {seed: -value for seed, value in values.items()}
    best = dict.fromkeys(BEST, -0.5)
    assert decide("wilcoxon", turned, ACC, best, p=p) is wanted


def test_wilcoxon_compares_by_seed_and_not_by_order():
    values = {3: 0.61, 1: 0.41, 2: 0.51}
    assert decide("wilcoxon", values, p=0.13)
    assert not decide("wilcoxon", {1: 0.61, 2: 0.41, 3: 0.51}, p=0.13)


def searched(values):
    """Return the winner of a search over ``values`` [configurations, seeds], and its trials."""
    best, complete, trials = None, {}, 0
    for number, row in enumerate(values.tolist()):
        so_far = {}
        for seed, value in enumerate(row):
            so_far[seed], trials = value, trials + 1
            is_last = seed == len(row) - 1
            others = None if best is None else dict(enumerate(values[best].tolist()))
            if others and not is_last and decide("range", so_far, best=others):
                break
        else:
            complete[number] = sum(row)
            best = min(complete, key=complete.get)
    return best, trials


def test_range_rarely_loses_the_winner_and_saves_a_third_of_the_trials():
    """The numbers of the documentation of ``GiveUpConfig``."""
    generator = np.random.default_rng(0)
    same, trials, searches = 0, 0, 400
    for _ in range(searches):
        quality = generator.normal(size=(20, 1))
        values = quality + generator.normal(size=(20, 3))
        winner, count = searched(values)
        same += winner == int(values.mean(axis=1).argmin())
        trials += count
    assert same / searches > 0.9
    assert trials / searches < 2 / 3 * 60
