import gc
import sys
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.ledger.goals import Goal, best_keys, losses, pareto_set
from reports.ledger.reading.searched import complete_trials
from reports.ledger.roles import Role, first_roles
from reports.ledger.trials import UNKNOWN_TIME, Trial
from search.controller.kept_models import KeepRules, keys_to_keep
from search.ledger.run_index import RunIndex
from search.sampling.seed_steps import SeedSteps
from search.space.sections import SearchConfig
from search.status.progress import Amounts, count_roles

ONE = (Goal("valid/mae"),)
TWO = (Goal("valid/mae"), Goal("valid/corr", "max"))
MINUTES = [UNKNOWN_TIME + timedelta(minutes=minute) for minute in range(4)]
STATUSES = st.sampled_from(["finished", "stopped", "failed"])
VALUES = st.sampled_from([0.1, 0.2, 0.3])


def ended(key, status="finished", mae=0.5, corr=0.5, config="{}", minute=0, seed=None):
    """Return a trial; those of the keys p and q have the search's second seed."""
    return Trial(
        key=key,
        status=status,
        seed=seed or (2 if key in "pq" else 1),
        config=config,
        valid={"mae": mae, "corr": corr},
        ended_at=UNKNOWN_TIME + timedelta(minutes=minute),
    )


def search(number):
    return Role(phase="search", number=number, seed=1)


TRIALS = st.builds(
    ended,
    st.sampled_from("abcdpq"),
    STATUSES,
    VALUES,
    VALUES,
    st.sampled_from("xy"),
    st.integers(0, 3),
)
SECOND_SEEDS = st.builds(
    lambda number, seeds: (Role(phase="search", group=seeds[0], number=number, seed=2), seeds[1]),
    st.integers(0, 9),
    st.sampled_from([("a", "p"), ("b", "q")]),
)
ROLES = st.one_of(
    st.builds(search, st.integers(0, 9)),
    st.builds(
        lambda cell, seed: Role(phase="ablation", group="g", cell=cell, seed=seed),
        st.sampled_from("mn"),
        st.integers(1, 2),
    ),
    st.builds(
        lambda group, seed: Role(phase="confirm", group=group, seed=seed),
        st.sampled_from("ab"),
        st.integers(1, 2),
    ),
)


def best_by_sorting(index, goals):
    """Rank the finished trials of the search from nothing, as the index need not."""
    finished = [
        (losses(index.trials[key], goals), role.number, key)
        for key, role in first_roles(index.roles).items()
        if index.trials[key].status == "finished"
    ]
    front = sorted(finished)
    if len(goals) > 1:
        front = [front[place] for place in pareto_set([point for point, _, _ in front])]
    return [key for _, _, key in front]


@pytest.mark.slow
@given(st.lists(TRIALS | st.tuples(ROLES, st.sampled_from("abcd")) | SECOND_SEEDS, max_size=25))
def test_an_index_that_grew_equals_one_of_the_same_trials_and_roles(steps):
    index = RunIndex()
    for step in steps:
        index.best(ONE, 1), index.best(TWO, 1), index.has_searched("x")  # from here on kept
        index.best(ONE, 1, other_seeds=(2,)), index.best_at(ONE[0], MINUTES[0], other_seeds=(2,))
        if isinstance(step, Trial):
            index.add_trial(step)
        elif step[1] in index.trials:
            index.add_role(*step)
    first = first_roles(index.roles)
    assert dict(index.first) == first
    others = {role: key for role, key in index.roles.items() if role.phase != "search"}
    counted = [*((role, key) for key, role in first.items()), *others.items()]
    ends = Counter((role.phase, role.group, index.trials[key].status) for role, key in counted)
    second = {key for role, key in index.roles.items() if role.phase == "search" and role.group}
    ends.update(("search", "", index.trials[key].status) for key in second)
    assert set(index.leads) == second
    assert +Counter(index.ends) == ends
    cells = Counter((role.group, role.cell) for role in index.roles if role.phase == "ablation")
    assert index.cells == cells
    complete = complete_trials(index.roles, index.trials, other_seeds=(2,))
    assert index.best(ONE, 9, other_seeds=(2,)) == best_keys(complete, ONE, count=9)
    for time in MINUTES:
        by_then = [(number, trial) for number, trial in complete if trial.ended_at <= time]
        assert [index.best_at(ONE[0], time, other_seeds=(2,))] == (
            best_keys(by_then, ONE, count=1) or [None]
        )
    assert [index.best(goals, 9) for goals in (ONE, TWO)] == [
        best_by_sorting(index, goals) for goals in (ONE, TWO)
    ]
    assert index.has_searched("x") == any(index.trials[key].config == "x" for key in first)


def test_a_role_of_another_trial_is_replaced_and_a_dropped_one_is_gone():
    index = RunIndex({"a": ended("a"), "b": ended("b", "failed")}, {search(0): "a", search(1): "c"})
    assert dict(index.roles) == {search(0): "a"}
    index.add_role(search(0), "b")
    assert (dict(index.first), +Counter(index.ends)) == (
        {"b": search(0)},
        {("search", "", "failed"): 1},
    )
    index.drop_roles([search(0)])
    assert (dict(index.roles), index.best(ONE, 1), set(index.trials)) == ({}, [], {"a", "b"})


def test_the_trials_of_each_cell_that_have_not_ended_are_counted():
    index = RunIndex({"a": ended("a"), "b": ended("b", "failed")})
    cells = [Role(phase="ablation", group="g", cell="x", seed=seed) for seed in (1, 2)]
    planned = {("g", "x"): 3, ("g", "y"): 3, ("g", "z"): 0}
    amounts = Amounts(search=0, confirm_top=0, confirm_seeds=0, ablation=6, cells=planned)
    for role, key in zip(cells, "ab", strict=True):
        index.add_role(role, key)
    left = count_roles(index, amounts).progress(0).cells_left
    assert left == {("g", "x"): 1, ("g", "y"): 3, ("g", "z"): 0}


def steps_after_a_trial(trials, goals):
    """Return how many bytecodes run after a trial has ended in a run of so many trials and cells.

    It had failed before, and ends anew.
    """
    known = {f"k{number}": ended(f"k{number}", mae=1 + number) for number in range(trials)}
    new = f"k{trials}"
    known[new] = ended(new, "failed")
    roles = {search(number): f"k{number}" for number in range(trials + 1)}
    roles |= {
        Role(phase="ablation", group="g", cell=str(number), seed=2): f"k{number}"
        for number in range(trials + 1)
    }
    roles[Role(phase="confirm", group="k0", seed=2)] = "k1"
    index = RunIndex(known, roles)
    rules = KeepRules(keep=1, goals=goals, confirm_seeds=(2, 3), seeds=(2,))
    amounts = Amounts(search=trials + 9, confirm_top=1, confirm_seeds=2, ablation=1, goals=goals)
    count = 0

    def note(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return note

    def end(status):
        index.add_trial(ended(new, status, mae=0.5))
        index.add_role(search(trials), new)
        count_roles(index, amounts).progress(1)
        keys_to_keep(index, {new}, rules=rules)
        return index.best(goals, 1)

    end("failed")  # what is asked once is known from here on
    before = sys.gettrace()
    gc.disable()  # Hypothesis is called back by each collection
    sys.settrace(note)
    try:
        assert end("finished") == [new]
    finally:
        sys.settrace(before)
        gc.enable()
    return count


def steps_after_a_second_seed(trials):
    """Return how many bytecodes run after the second seed of a configuration has ended."""
    search_section = SearchConfig.model_validate_json(
        '{"trials": 1, "seeds": [1, 2], "parameters": {"a": {"choice": [1]}}}'
    )
    known = {f"k{n}": ended(f"k{n}", mae=1 + n, minute=n, seed=1) for n in range(trials + 1)}
    known |= {f"s{n}": ended(f"s{n}", mae=1 + n, minute=n, seed=2) for n in range(trials)}
    roles = {search(number): f"k{number}" for number in range(trials + 1)}
    index = RunIndex(known, roles | {second(number): f"s{number}" for number in range(trials)})
    rules = KeepRules(keep=1, search=search_section)
    steps = SeedSteps(search_section, index)
    assert index.best(ONE, 1, other_seeds=(2,)) == ["k0"]
    assert steps.step(f"k{trials}").is_given_up
    keys_to_keep(index, {"k0", "s0"}, rules=rules)
    amounts = Amounts(search=trials + 9, confirm_top=1, confirm_seeds=2, ablation=1, goals=ONE)
    count = 0

    def note(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return note

    before = sys.gettrace()
    gc.disable()
    sys.settrace(note)
    try:
        index.add_trial(ended(f"s{trials}", mae=-trials, minute=trials + 1, seed=2))
        index.add_role(second(trials), f"s{trials}")
        count_roles(index, amounts).progress(1)
        kept, _ = keys_to_keep(index, {"k0", "s0", f"k{trials}", f"s{trials}"}, rules=rules)
        best = index.best(ONE, 1, other_seeds=(2,))
        done = steps.step(f"k{trials}")
    finally:
        sys.settrace(before)
        gc.enable()
    assert (best, kept) == ([f"k{trials}"], {f"k{trials}", f"s{trials}"})
    assert (done.next_seed, done.left) == (None, 0)
    return count


def second(number):
    return Role(phase="search", group=f"k{number}", number=number, seed=2)


def test_what_follows_from_another_seed_takes_no_more_steps_in_a_longer_run():
    longer, shorter = steps_after_a_second_seed(1024), steps_after_a_second_seed(16)
    assert 100 < longer < 1.2 * shorter  # a few more to find the best of that time by bisection


@pytest.mark.parametrize("goals", [ONE, TWO])
def test_what_follows_from_a_trial_takes_no_more_steps_in_a_longer_run(goals):
    assert steps_after_a_trial(1000, goals) == steps_after_a_trial(10, goals) > 100
