"""The order of the trials, and which of them a recorded trial answers; no trial is trained."""

import pytest

from search.events import TrialName

CELLS = ("search=", "confirm=", "seeds=[1]")


def titles(trials):
    return [TrialName.of(trial.role, "").title for trial in trials]


def taken(queue):
    """Take trials until there is none now."""
    return list(iter(queue.take_next, None))


def test_cells_run_beside_the_search_and_the_confirmation_waits_for_its_end(opened):
    run = opened()
    queue = run.trial_queue()
    trials = taken(queue)
    assert titles(trials) == [
        *(f"search {number}" for number in range(4)),
        *(f"modules/{cell} seed {seed}" for cell in ("baseline", "remove MRM") for seed in (1, 2)),
    ]
    *searched, last = trials[:4]
    for trial in searched:
        run.end(queue, trial)
    assert queue.take_next() is None
    run.end(queue, last, mae=0.5)
    assert titles(taken(queue)) == ["confirm 1 seed 1", "confirm 1 seed 2"]


def test_the_confirmation_trains_the_best_configuration_of_the_search(opened):
    run = opened("ablations=")
    queue = run.trial_queue()
    searched = taken(queue)
    for trial, mae in zip(searched, (0.9, 0.4, 0.6, 0.8), strict=True):
        run.end(queue, trial, mae=mae)
    assert [trial.role.changes for trial in taken(queue)] == [searched[1].role.changes] * 2


def test_a_queue_is_finished_when_its_last_trial_has_ended(opened):
    run = opened(*CELLS)
    queue = run.trial_queue()
    first, second = taken(queue)
    assert queue.take_next() is None
    run.end(queue, first)
    assert not queue.is_finished
    run.end(queue, second, failure="nan")
    assert queue.is_finished


def test_equal_cells_are_one_trial_with_the_role_of_each(opened):
    run = opened(*CELLS[:2], "seeds=[1]", "ablations={a: {baseline: {}}, b: {same: {}}}")
    queue = run.trial_queue()
    (trial,) = taken(queue)
    assert [(role.group, role.cell) for role in trial.roles] == [("a", "baseline"), ("b", "same")]
    run.end(queue, trial)
    assert set(run.ledger.roles.values()) == {trial.key}
    assert len(run.ledger.roles) == 2


def test_a_trial_that_a_cell_waits_for_is_not_stopped_early(opened):
    """The starting point of the search has the configuration and the seed of the cell."""
    run = opened("search.start=[{}]", "search.trials=1", "confirm=", "seeds=[7]")
    queue = run.trial_queue()
    trial = queue.take_next()
    assert trial.is_stoppable
    taken(queue)
    assert len(trial.roles) == 2
    assert not trial.is_stoppable


def test_a_recorded_trial_fills_its_role_once_and_does_not_run_again(opened):
    first = opened(*CELLS)
    queue = first.trial_queue()
    for trial in taken(queue):
        first.end(queue, trial)
    more = opened(*CELLS[:2], "seeds=[1]", "ablations={modules: {baseline: {}}, new: {same: {}}}")
    queue = more.trial_queue()
    assert taken(queue) == []
    assert queue.is_finished
    assert len(more.reused) == 1
    assert more.reused[0].startswith("new/same")


@pytest.mark.parametrize(("kind", "again"), [("crash", ["baseline"]), ("nan", [])])
def test_a_failed_cell_is_tried_again_once_a_command_unless_its_loss_was_no_number(
    opened, kind, again
):
    first = opened(*CELLS)
    queue = first.trial_queue()
    failed, finished = taken(queue)
    first.end(queue, failed, failure=kind)
    first.end(queue, finished)
    assert taken(queue) == []
    second = opened(*CELLS)
    queue = second.trial_queue()
    trials = taken(queue)
    assert [trial.role.cell for trial in trials] == again
    for trial in trials:
        second.end(queue, trial, failure=kind)
    assert taken(queue) == []


def test_a_trial_that_failed_again_answers_the_other_cells_that_are_the_same(opened):
    equal = ("search=", "confirm=", "seeds=[1]", "ablations={a: {baseline: {}}, b: {same: {}}}")
    first = opened(*equal)
    first.record(first.factory.trial({}, 1), [], failure="crash")
    run = opened(*equal)
    queue = run.trial_queue()
    run.end(queue, queue.take_next(), failure="crash")
    assert queue.take_next() is None
    assert len(run.reused) == 1
    assert run.reused[0].startswith("b/same")


def test_starting_points_without_room_are_named_with_the_number_that_makes_room(opened):
    run = opened("search.trials=1", "search.start=[{}, {objective.loss: l2}]", "confirm=")
    run.trial_queue()
    (line,) = run.warnings
    assert line == (
        "1 starting point is not run: the search is planned with only 1 trial; raise "
        "search.trials to 2"
    )


def test_a_search_in_which_every_trial_failed_confirms_nothing_and_says_so(opened):
    run = opened("ablations=", "search.trials=2")
    queue = run.trial_queue()
    for trial in taken(queue):
        run.end(queue, trial, failure="crash")
    assert taken(queue) == []
    assert run.warnings == ["nothing to confirm: no trial of the search has finished"]
    assert queue.is_finished
