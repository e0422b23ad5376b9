"""What a search has left: its starting points, then what its sampler is likely to suggest."""

import pytest

from search.estimate.work import remaining_work
from search.plan import CONFIRM, SEARCH, Role, build_plan

STARTS = "search.start=[{objective.loss: l2}, {}, {training.batch_size: 8}]"
ALONE = (
    "ablations={}",
    "search.parameters={objective.loss: {choice: [l1, l2]}, "
    "training.batch_size: {choice: [8, 16]}}",
)


def left(space, done=0):
    plan = build_plan(space)
    roles = {
        Role(phase=SEARCH, number=number, seed=7, changes={}): f"key {number}"
        for number in range(done)
    }
    return list(remaining_work(space, plan, roles, catalogue=None, finished=()))


def kinds(found, phase):
    return [
        (one.config.objective.loss, one.config.training.batch_size, one.trials)
        for one in found
        if one.phase == phase
    ]


def test_a_search_of_its_starting_points_alone_is_known(mini):
    found = left(mini(*ALONE, STARTS, "search.trials=2"))
    assert kinds(found, SEARCH) == [("l2", 16, 1), ("l1", 16, 1)]
    assert kinds(found, CONFIRM) == [("l2", 16, 1), ("l1", 16, 1)]  # 2 seeds of either of them
    assert sum(one.most_epochs for one in found) == 8


def test_after_the_starting_points_the_sampler_may_suggest_anything(mini):
    found = kinds(left(mini(*ALONE, STARTS, "search.trials=7")), SEARCH)
    assert found[:3] == [("l2", 16, 1), ("l1", 16, 1), ("l1", 8, 1)]
    assert sum(trials for *_, trials in found[3:]) == pytest.approx(4)


def test_starting_points_that_have_run_are_not_left(mini):
    found = kinds(left(mini(*ALONE, STARTS, "search.trials=3"), done=2), SEARCH)
    assert found == [("l1", 8, 1)]
