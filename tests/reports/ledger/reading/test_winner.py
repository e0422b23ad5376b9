import pytest

from reports.ledger.goals import Goal
from reports.ledger.reading.winner import Confirmed, confirmed_value
from reports.ledger.trials import trial_of

MAE = Goal("valid/mae")


def trial(seed, **columns):
    return trial_of({"key": f"s{seed}", "status": "finished", "seed": seed, **columns})


def trials(**by_seed):
    return [trial(int(name[1:]), valid_mae=value) for name, value in by_seed.items()]


SEARCHED = trial(1, valid_mae=0.29)


def test_the_seed_of_the_search_is_not_fresh():
    found = confirmed_value(MAE, [SEARCHED], repeated=trials(s1=0.29, s2=0.4, s3=0.5))
    assert found == Confirmed(metric="valid/mae", mode="min", values=(0.29,), fresh=(0.4, 0.5))
    assert found.mean == pytest.approx(0.45)


def test_the_seeds_of_the_search_are_not_fresh_and_its_value_is_their_mean():
    searched = trials(s1=0.25, s2=0.35)
    found = confirmed_value(MAE, searched, repeated=trials(s1=0.25, s2=0.35, s3=0.5))
    assert (found.values, found.fresh) == ((0.25, 0.35), (0.5,))
    assert "was 0.300 on average over 2 seeds; over 1 fresh seed" in found.sentence


@pytest.mark.parametrize(
    ("goal", "searched", "repeated"),
    [
        (MAE, [], trials(s2=0.4)),
        (MAE, [trial(1, valid_mae=float("nan"))], trials(s2=0.4)),
        (MAE, trials(s1=0.3, s2=float("nan")), trials(s3=0.4)),
        (MAE, [SEARCHED], trials(s1=0.29)),
        (MAE, [SEARCHED], trials(s2=None, s3=float("nan"))),
        (Goal("cost/parameters"), [trial(1, parameters=5)], [trial(2, parameters=5)]),
    ],
)
def test_nothing_is_said_without_a_value_of_the_search_and_a_fresh_one(goal, searched, repeated):
    assert confirmed_value(goal, searched, repeated=repeated) is None


@pytest.mark.parametrize(
    ("mode", "fresh", "end"),
    [
        ("min", [0.438] * 3, "over 3 fresh seeds the same configuration has 0.438: 0.148 worse."),
        ("min", [0.28] * 4, "over 4 fresh seeds the same configuration has 0.280: 0.010 better."),
        ("max", [0.28] * 5, "over 5 fresh seeds the same configuration has 0.280: 0.010 worse."),
        ("max", [0.29] * 3, "over 3 fresh seeds the same configuration has 0.290: no change."),
    ],
)
def test_the_sentence_names_both_values_and_the_difference_by_the_mode(mode, fresh, end):
    one = Confirmed(metric="valid/x", mode=mode, values=(0.29,), fresh=tuple(fresh))
    assert one.sentence == (
        f"The search's best valid/x was 0.290 with one seed; {end} The mean over "
        "fresh seeds is the better estimate."
    )


def test_one_or_two_fresh_seeds_are_not_to_be_trusted_either():
    one = Confirmed(metric="valid/mae", mode="min", values=(0.29,), fresh=(0.3,))
    assert "over 1 fresh seed the same" in one.sentence
    assert one.sentence.endswith("Both are from few seeds.")
