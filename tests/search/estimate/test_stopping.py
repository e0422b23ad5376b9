import pytest

from search.estimate.stopping import ExpectedTrials, expected_trials
from search.space.sections import SearchConfig


def expected(trials, max_epochs, **scheduler):
    options = {"name": "asha", "min_epochs": 3, "reduction": 4, **scheduler}
    search = SearchConfig(trials=trials, scheduler=options, parameters={"a": {"choice": [1, 2]}})
    return expected_trials(search, trials, max_epochs=max_epochs)


def test_without_a_scheduler_every_trial_runs_to_its_end():
    assert expected(8, 12, name="none") == ExpectedTrials(epochs=96, finished=8)


def test_no_trials_take_no_epochs():
    assert expected(0, 12).epochs == 0


@pytest.mark.parametrize("name", ["asha", "hyperband", "median"])
def test_one_trial_always_passes(name):
    assert expected(1, 12, name=name).epochs == 12


@pytest.mark.parametrize("scheduler", [{"name": "asha"}, {"name": "median", "min_trials": 1}])
def test_two_trials_by_hand(scheduler):
    """3 epochs each; the first goes on for 9 more, the second where it is better: 1.5 x 9."""
    assert expected(2, 12, **scheduler).finished == pytest.approx(1.5, rel=0.1)
    assert expected(2, 12, **scheduler).epochs == pytest.approx(2 * 3 + 1.5 * 9, rel=0.1)


def test_three_trials_of_two_brackets_by_hand():
    """The second one is of the bracket without a judge; the others are the two from above."""
    found = expected(3, 12, name="hyperband")
    assert found.epochs == pytest.approx(12 + 2 * 3 + 1.5 * 9, rel=0.1)


def test_a_rung_beyond_the_last_epoch_stops_nothing():
    assert expected(8, 12, min_epochs=20).epochs == 96


def test_of_a_large_search_one_order_is_played(monkeypatch):
    """Of 100,000 epochs in all: 5000 trials x 25 epochs are more."""
    played = []
    monkeypatch.setattr(
        "search.estimate.stopping._last_epoch", lambda *a, **k: played.append(a) or 1
    )
    assert expected(5000, 25).epochs == 5000
    assert len(played) == 5000
