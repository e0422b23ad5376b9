from statistics import median

import pytest

from search.stopping.median import Median


def recorded(*courses, min_epochs=1, min_trials=2):
    """Return a rule with the recorded scores of whole trials, one after another."""
    rule = Median(min_epochs, min_trials)
    for number, scores in enumerate(courses):
        for epoch, score in enumerate(scores, start=1):
            rule.record_and_decide(str(number), epoch, score=score)
    return rule


def test_the_best_so_far_is_compared_with_the_median_of_running_averages():
    """Averages after 2 epochs: (1 + 3) / 2 = 2, (2 + 2) / 2 = 2, (5 + 7) / 2 = 6; median 2."""
    courses = ((1.0, 3.0), (2.0, 2.0), (5.0, 7.0))
    behind, ahead = recorded(*courses), recorded(*courses)
    behind.record_and_decide("new", 1, score=1.9)
    assert behind.record_and_decide("new", 2, score=1.0)
    ahead.record_and_decide("new", 1, score=2.1)
    assert not ahead.record_and_decide("new", 2, score=1.0)


def test_a_value_equal_to_the_median_goes_on():
    assert not recorded((1.0,), (1.0,)).record_and_decide("new", 1, score=1.0)


def test_an_even_number_of_others_has_the_mean_of_the_middle_two():
    rule = recorded((1.0,), (2.0,), (4.0,), (9.0,))
    assert rule.record_and_decide("low", 1, score=2.9) is (median([1, 2, 4, 9]) > 2.9)
    rule = recorded((1.0,), (2.0,), (4.0,), (9.0,))
    assert rule.record_and_decide("high", 1, score=3.1) is (median([1, 2, 4, 9]) > 3.1)


@pytest.mark.parametrize(
    "options", [{"min_epochs": 2, "min_trials": 2}, {"min_epochs": 1, "min_trials": 3}]
)
def test_nothing_stops_before_enough_epochs_and_trials(options):
    assert not recorded((5.0,), (6.0,), **options).record_and_decide("new", 1, score=0.0)


def test_trials_that_came_less_far_do_not_count():
    """At epoch 2 only one other trial has been there, two are asked for."""
    rule = recorded((5.0, 5.0), (6.0,))
    rule.record_and_decide("new", 1, score=9.0)
    assert not rule.record_and_decide("new", 2, score=0.0)


def test_an_epoch_shown_again_changes_nothing():
    once = recorded((5.0,), (1.0,))
    twice = recorded((5.0,), (1.0,))
    for _ in range(3):
        twice.record_and_decide("1", 1, score=1.0)
    assert (
        once.record_and_decide("new", 1, score=2.9)
        == twice.record_and_decide("new", 1, score=2.9)
        is True
    )


def test_a_score_that_is_nan_neither_stops_nor_counts():
    rule = recorded((5.0,), (float("nan"),))
    assert not rule.record_and_decide("new", 1, score=float("nan"))
    assert not rule.record_and_decide(
        "other", 1, score=0.0
    )  # one other with a value, two are asked for
