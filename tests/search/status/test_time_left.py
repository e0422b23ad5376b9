import pytest

from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.events import ComputedTrial
from search.ledger.run_index import RunIndex
from search.status.time_left import (
    EpochCosts,
    TrialAtWork,
    computed_trials,
    kind_of,
    kinds_left,
    seconds_left,
)


def kind(phase, cell=""):
    return kind_of(Role(phase=phase, group="modules" if cell else "", cell=cell, seed=1))


def ended(phase="search", status="finished", epochs=4, cell="", each=2.0):
    """A trial whose epochs took two seconds each."""
    return ComputedTrial(
        phase=phase,
        group="modules" if cell else "",
        cell=cell,
        status=status,
        epochs=epochs,
        seconds=epochs * each,
    )


def at_work(epoch, phase="search", most=None, cell="", each=None, elapsed=0.0):
    return TrialAtWork(
        kind=kind(phase, cell),
        epoch=epoch,
        max_epochs=most,
        epoch_seconds=each,
        elapsed=elapsed,
    )


def left(*trials, running=(), search=0, others=0, cells=None, pace=1.0):
    cells = {("modules", cell): count for cell, count in (cells or {}).items()}
    total = search + others + sum(cells.values())
    amounts = kinds_left(total, search=search, cells=cells)
    return seconds_left(EpochCosts(trials, running), running, left=amounts, pace=pace)


def test_it_is_unknown_before_a_trial_has_ended_without_a_failure():
    assert left(search=3) is None
    assert left(ended(status="failed", epochs=1), search=3) is None
    assert left(running=[at_work(3, each=2.0)], search=3) is None


def test_failed_trials_do_not_shorten_the_others():
    assert left(ended(), ended("ablation", status="failed", epochs=0), others=1) == 8.0
    failed = ended("ablation", status="failed", epochs=0, cell="-")
    assert left(ended(), failed, cells={"-": 1}) == 8.0


def test_trials_after_the_search_count_as_finished_ones_of_the_search():
    """The search stops half of its trials early; confirmations and cells run to their end."""
    trials = [ended(status="stopped", epochs=2), ended(epochs=10)]
    assert left(*trials, search=1) == 6 * 2.0
    assert left(*trials, others=1) == 10 * 2.0
    assert left(*trials, cells={"-": 1}) == 10 * 2.0


def test_the_search_the_confirmation_and_each_cell_have_their_own_length():
    trials = [
        ended(epochs=2),
        ended("confirm", epochs=7),
        ended("ablation", epochs=9, cell="a"),
        ended("ablation", epochs=12, cell="b"),
    ]
    amounts = {"search": 3, "others": 2, "cells": {"a": 1, "b": 1, "unknown": 1}}
    assert left(*trials, **amounts) == (3 * 2 + 2 * 7 + 9 + 12 + (9 + 12) / 2) * 2.0


def test_a_slow_cell_does_not_slow_the_others_down():
    """Seven trials of one cell took 80 s an epoch, those of two others 2 and 3 s."""
    slow = [ended("ablation", cell="slow", each=80.0)] * 7
    others = [ended("ablation", cell="fast"), ended("ablation", cell="other", each=3.0)]
    known = [*slow, *others]
    assert left(*known, cells={"fast": 10}) == 10 * 4 * 2.0
    assert left(*known, cells={"slow": 1}) == 4 * 80.0
    assert left(*known, cells={"unknown": 1}) == 4 * 3.0


def test_a_running_trial_tells_what_its_cell_costs_before_one_has_ended():
    known = ended("ablation", cell="fast")
    slow = at_work(1, "ablation", 4, cell="slow", each=80.0)
    assert left(known, running=[slow], cells={"slow": 2}) == (3 + 4) * 80.0


def test_the_epoch_that_a_running_trial_computes_counts_as_far_as_it_is():
    known = ended("ablation", cell="slow", each=80.0)
    at = {"phase": "ablation", "most": 4, "cell": "slow", "each": 80.0}
    assert left(known, running=[at_work(3, elapsed=50.0, **at)], cells={"slow": 1}) == 30.0
    assert left(known, running=[at_work(3, elapsed=90.0, **at)], cells={"slow": 2}) == 4 * 80.0


def test_confirmations_are_as_long_and_cost_as_much_as_the_search_until_one_has_ended():
    trials = [ended(each=3.0), ended("ablation", epochs=90, cell="slow", each=80.0)]
    assert left(*trials, others=1) == 4 * 3.0
    assert left(*trials, ended("confirm", epochs=6, each=5.0), others=1) == 6 * 5.0


def test_the_trials_that_the_run_computed_itself_tell_what_its_kinds_cost():
    own = Trial(key="a", status="finished", seed=1, epochs=3, seconds=6.0)
    roles = {
        Role(phase="ablation", group="modules", cell="x", seed=1): "a",
        Role(phase="search", seed=1): "b",
    }
    trials = {"a": own, "b": own._replace(key="b", adopted_from="other"), "c": own}
    assert list(computed_trials(RunIndex(trials, roles))) == [
        ended("ablation", epochs=3, cell="x", each=2.0)
    ]


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


def test_a_running_trial_counts_once_where_the_cells_are_not_known():
    known = ended("ablation", cell="own")
    assert left(known, running=[at_work(1, "ablation", 4, cell="own")], others=1) == 3 * 2.0
    assert left(known, running=[at_work(1, "ablation", 4, cell="own")], others=2) == 7 * 2.0


def test_only_stopped_trials_give_an_estimate_for_those_after_the_search_too():
    assert left(ended(status="stopped", epochs=3), others=2) == 12.0
