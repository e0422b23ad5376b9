import pytest

from search.status.time_left import ComputedTrial, TrialAtWork, seconds_left


def ended(phase="search", status="finished", epochs=4):
    return ComputedTrial(phase=phase, status=status, epochs=epochs)


def at_work(epoch, phase="search", most=None):
    return TrialAtWork(phase=phase, epoch=epoch, max_epochs=most)


def left(*trials, running=(), search=0, others=0):
    return seconds_left(trials, running, search=search, others=others, epoch_seconds=2.0)


def test_it_is_unknown_before_a_trial_has_ended_without_a_failure():
    assert left(search=3) is None
    assert left(ended(status="failed", epochs=1), search=3) is None


def test_failed_trials_do_not_shorten_the_others():
    assert left(ended(), ended("ablation", status="failed", epochs=0), others=1) == 8.0


def test_trials_after_the_search_count_as_finished_ones_of_the_search():
    """The search stops half of its trials early; confirmations run to their end."""
    trials = [ended(status="stopped", epochs=2), ended(epochs=10)]
    assert left(*trials, search=1) == 6 * 2.0
    assert left(*trials, others=1) == 10 * 2.0


def test_the_search_and_the_other_trials_have_each_their_own_length():
    trials = [ended(epochs=2), ended("confirm", epochs=7), ended("ablation", epochs=9)]
    assert left(*trials, search=3, others=2) == (3 * 2 + 2 * 8) * 2.0


@pytest.mark.parametrize(
    ("epoch", "rest"),
    [(0, 11 / 3), (1, 8 / 3), (2, (4 + 5) / 2 - 2), (4, 5 - 4), (5, 50 - 5), (50, 0)],
)
def test_a_running_trial_counts_as_those_that_ran_longer_than_it_has(epoch, rest):
    """Of a search that stops most trials early those are left that run to their last epoch."""
    lengths = [ended(status="stopped", epochs=2), ended(epochs=4), ended(epochs=5)]
    running = [at_work(epoch, most=50)]
    assert left(*lengths, running=running, search=1) == pytest.approx(rest * 2.0)
    assert left(*lengths, running=running, search=2) == pytest.approx((rest + 11 / 3) * 2.0)


def test_a_running_trial_of_which_nothing_is_known_ends_now():
    assert left(ended(), running=[at_work(9)], search=1) == 0.0


def test_only_stopped_trials_give_an_estimate_for_those_after_the_search_too():
    assert left(ended(status="stopped", epochs=3), others=2) == 12.0
