import random

import pytest

from search.estimate.halving import expected_epochs
from search.space.sections import SchedulerConfig, SearchConfig
from search.tune.early_stopping import EarlyStopping


def scheduler(**values):
    return SchedulerConfig(**{"name": "asha", "min_epochs": 3, "reduction": 3, **values})


def simulated(config, trials, max_epochs, repeats=300):
    """Run the real rule over trials in random order, one after the other."""
    search = SearchConfig(trials=trials, scheduler=config, parameters={"a": {"choice": [1, 2]}})
    total = 0
    for seed in range(repeats):
        values = list(range(trials))
        random.Random(seed).shuffle(values)
        judge = EarlyStopping(search, max_epochs)
        for value in values:
            for epoch in range(1, max_epochs + 1):
                total += 1
                if judge.stops(str(value), epoch, value):
                    break
    return total / repeats


def test_without_a_scheduler_every_trial_runs_to_its_end():
    assert expected_epochs(SchedulerConfig(), 8, 12) == 96


def test_one_trial_always_passes():
    assert expected_epochs(scheduler(), 1, 12) == 12


def test_two_trials_by_hand():
    """3 epochs each; the first goes on for 9 more, the second where it is better: 1.5 x 9."""
    found = expected_epochs(scheduler(reduction=4), 2, 12)
    assert found == pytest.approx(2 * 3 + 1.5 * 9, rel=0.1)


def test_a_rung_beyond_the_last_epoch_stops_nothing():
    assert expected_epochs(scheduler(min_epochs=20), 8, 12) == 96


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "max_epochs"), [(8, 12), (32, 27)])
def test_the_expectation_is_that_of_the_rule(trials, max_epochs):
    found = simulated(scheduler(), trials, max_epochs)
    assert expected_epochs(scheduler(), trials, max_epochs) == pytest.approx(found, rel=0.1)
