"""What a budget lets a command compute of what is left, in words."""

import pytest

from search.budget.limits import Usage, budget_lines
from search.space.sections import Budget

USAGE = Usage(seconds=1800, trials=4, epochs=20)


def lines(spent=None, **limits):
    return list(budget_lines(Budget(**limits), USAGE, spent=spent, trials=10, epochs=20))


def test_a_spent_budget_is_said_with_the_key_to_raise():
    assert lines("trials", trials=4) == [
        "the budget of 4 trials is spent: this command starts none; raise budget.trials"
    ]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"trials": 5}, "1 more trial"),
        ({"epochs": 30}, "10 more epochs"),
        ({"trials": 6, "hours": 2}, "2 more trials or 1.5 more hours, whichever comes first"),
    ],
)
def test_the_part_that_is_left_is_said(limits, expected):
    assert lines(**limits) == [f"the budget ends the run at {expected}"]


def test_a_budget_that_is_enough_or_not_needed_is_not_spoken_of():
    assert lines(trials=14) == []
    assert list(budget_lines(Budget(hours=1), USAGE, spent=None, trials=0, epochs=0)) == []
