import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.ledger.goals import COSTS, Goal, goals_of, losses, pareto_set
from reports.ledger.schema import TRIALS
from reports.ledger.trials import trial_of

FEW = st.sampled_from([0.0, 1.0, 2.0, 3.0])


@pytest.mark.slow
@given(st.lists(st.tuples(FEW, FEW, FEW), max_size=12) | st.lists(st.tuples(FEW, FEW), max_size=12))
def test_the_set_is_what_comparing_every_pair_leaves(points):
    def beaten(one):
        return any(
            other != one and all(a <= b for a, b in zip(other, one, strict=True))
            for other in points
        )

    left = [place for place, point in enumerate(points) if not beaten(point)]
    assert sorted(pareto_set(points)) == left


def test_the_best_by_the_first_objective_comes_first():
    assert pareto_set([(2.0, 1.0), (1.0, 2.0), (3.0, 3.0), (1.5, 1.5)]) == [1, 3, 0]


def test_a_row_without_a_finite_value_has_no_point():
    goals = (Goal("valid/corr", "max"), Goal("cost/parameters"))

    def point(**columns):
        return losses(trial_of({"key": "a", "status": "finished", "seed": 1, **columns}), goals)

    assert point(valid_corr=0.5, parameters=7) == (-0.5, 7)
    assert point(valid_corr=math.nan, parameters=7) is None
    assert point(valid_corr=0.5, parameters=None) is None


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (None, (Goal("valid/mae", "min"),)),
        ({"metric": "valid/corr", "mode": "max"}, (Goal("valid/corr", "max"),)),
        (
            [{"metric": "valid/mae", "mode": "min"}, {"metric": "cost/parameters", "mode": "min"}],
            (Goal("valid/mae"), Goal("cost/parameters")),
        ),
    ],
)
def test_objectives_are_read_from_a_section_or_a_list(given_, expected):
    assert goals_of({"objective": given_}) == expected


def test_every_cost_is_a_column_of_trials():
    assert set(COSTS.values()) <= set(TRIALS.names)
