"""The suggestions of a search by number: replayed, repeated after a failure, or new."""

from dataclasses import replace

import pytest
from optuna.trial import TrialState

from search.queue.search_queue import SearchQueue
from search.trials.factory import TrialFactory
from sugrm import SugrmError

FINITE = "search.parameters={objective.loss: {choice: [l1, l2]}}"


def asked(queue):
    """Replay and take suggestions until there is none."""
    requests = []
    while queue.has_more:
        if not queue.replay_next():
            requests.append(queue.take_next())
    return requests


def finish(run, request, **result):
    run.record(request.trial, [request.role], **result)


def test_a_search_suggests_its_trials_by_number_each_with_the_seed_of_the_search(opened):
    queue = opened().search_queue()
    assert (queue.missing, queue.trials) == (4, 4)
    requests = asked(queue)
    assert [request.role.number for request in requests] == [0, 1, 2, 3]
    assert {request.role.seed for request in requests} == {7}
    assert len({request.trial.key for request in requests}) == 4
    assert (queue.missing, queue.has_more) == (0, False)


def test_a_continued_search_replays_ended_trials_before_it_suggests_another(opened):
    run = opened()
    for mae, request in enumerate(asked(run.search_queue())[:2], start=1):
        finish(run, request, mae=float(mae))
    queue = opened().search_queue()
    assert [queue.replay_next() for _ in range(3)] == [True, True, False]
    study = queue.study.study
    assert [trial.values for trial in study.trials] == [[1.0], [2.0]]
    assert queue.take_next().role.number == 2


def test_a_trial_that_was_cut_off_is_requested_again_with_the_same_values(opened):
    run = opened()
    before = asked(run.search_queue())
    finish(run, before[0])
    values = {"training.learning_rate.others": 0.005, "objective.loss": "l2"}
    queue = opened().search_queue(cut_off=[replace(before[1].role, changes=values)])
    assert queue.replay_next()
    assert not queue.replay_next()
    again = queue.take_next()
    assert (again.role.number, again.role.changes) == (1, values)
    assert queue.study.study.trials[1].params["training.learning_rate.others"] == 0.005
    assert queue.missing == 2


@pytest.mark.parametrize(
    ("failures", "retried"),
    [(("crash", "crash"), [0, 1]), (("crash", "nan"), [0]), (("crash", ""), []), (("nan",), [])],
)
def test_failed_trials_run_again_only_where_every_trial_failed_and_not_after_nan(
    opened, failures, retried
):
    run = opened("search.trials=2")
    before = asked(run.search_queue())
    for failure, request in zip(failures, before, strict=False):
        finish(run, request, failure=failure)
    queue = opened("search.trials=2").search_queue()
    assert queue.retry_keys == {before[number].trial.key for number in retried}
    numbers = [request.role.number for request in asked(queue)]
    assert numbers == sorted({*retried, *range(len(failures), 2)})


def test_the_best_trials_are_the_finished_ones_by_the_objective(opened):
    run = opened()
    queue = run.search_queue()
    requests = asked(queue)
    results = ({"mae": 0.9}, {"mae": 0.2}, {"failure": "crash"}, {"mae": 0.5})
    for request, result in zip(requests, results, strict=True):
        finish(run, request, **result)
    keys = [request.trial.key for request in requests]
    assert queue.best_keys(2) == [keys[1], keys[3]]
    assert queue.best_keys(9) == [keys[1], keys[3], keys[0]]


def test_values_that_are_invalid_together_are_a_failed_trial_of_the_study(opened, monkeypatch):
    def refuse(factory, changes, seed):
        raise SugrmError("these values are invalid together")

    queue = opened("search.start=[]").search_queue()
    monkeypatch.setattr(TrialFactory, "trial", refuse)
    assert queue.take_next() is None
    assert [trial.state for trial in queue.study.study.trials] == [TrialState.FAIL]
    assert queue.missing == 4


def test_a_finite_space_is_exhausted_after_each_of_its_configurations(opened):
    run = opened(FINITE, "search.trials=9")
    queue = run.search_queue()
    keys = {request.trial.key for request in asked(queue) if request is not None}
    assert len(keys) == queue.trials == 2
    assert not queue.has_more


def test_starting_points_come_first_and_those_without_room_are_counted(opened):
    starts = "search.start=[{objective.loss: l2}, {}, {objective.loss: l2}]"
    queue = opened(FINITE, starts, "search.trials=1").search_queue()
    assert queue.unused_starts == 1
    assert queue.take_next().role.changes == {"objective.loss": "l2"}
    assert queue.unused_starts == 1
    assert not queue.has_more


def test_a_space_without_a_search_has_no_suggestions(opened):
    run = opened("search=", "confirm=")
    with pytest.raises(ValueError, match="has no search section; expected one"):
        SearchQueue(run.space, run.factory, ledger=run.ledger, history=None, cut_off=(), trials=1)
