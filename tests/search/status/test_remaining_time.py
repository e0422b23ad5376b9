"""The time left of a run as another process reads it: a fast cell, and one of 80 s an epoch."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.budget.recorded_time import RecordedTime
from search.ledger.run_index import RunIndex
from search.ledger.running_trials import StartedTrial
from search.status.progress import Amounts, count_roles
from search.status.remaining_time import remaining_seconds

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SINCE = NOW - timedelta(seconds=250)
SEEDS = (1, 2, 3)


def role(cell, seed):
    return Role(phase="ablation", group="modules", cell=cell, seed=seed)


def ended(cell, seed, *, each, ago):
    key = f"{cell}{seed}"
    when = NOW - timedelta(seconds=ago)
    return Trial(key=key, status="finished", seed=seed, epochs=4, seconds=4 * each, ended_at=when)


def started(cell, seed, *, ago, epoch=0, each=None, reported=None):
    return StartedTrial(
        key=f"{cell}{seed}",
        roles=(role(cell, seed),),
        started_at=(NOW - timedelta(seconds=ago)).isoformat(),
        epoch=epoch,
        max_epochs=4,
        epoch_seconds=each,
        epoch_at="" if reported is None else (NOW - timedelta(seconds=reported)).isoformat(),
    )


def left(trials, running, since=SINCE):
    """Return the seconds left of a run of two cells and three seeds."""
    index = RunIndex({trial.key: trial for trial in trials})
    for trial in trials:
        index.add_role(role(trial.key[:-1], trial.seed), trial.key)
    cells = {("modules", cell): len(SEEDS) for cell in ("fast", "slow")}
    amounts = Amounts(search=0, confirm_top=0, confirm_seeds=0, ablation=6, cells=cells)
    counted = count_roles(index, amounts)
    return remaining_seconds(counted, running, time=RecordedTime(started_at=since), now=NOW)


def test_a_running_trial_tells_what_its_cell_costs():
    """8 s of a fast trial, then 242 s of a slow one: its fourth epoch has begun 2 s ago."""
    running = [started("slow", 1, ago=242, epoch=3, each=80.0, reported=2)]
    found = left([ended("fast", 1, each=2.0, ago=242)], running)
    assert found == pytest.approx((80 - 2) + 2 * 4 * 80 + 2 * 4 * 2)


def test_two_trials_at_once_halve_it():
    running = [started("slow", n, ago=242, epoch=3, each=80.0, reported=2) for n in (1, 2)]
    found = left([ended("fast", 1, each=2.0, ago=242)], running)
    pace = 250 / (8 + 2 * 242)
    assert found == pytest.approx((2 * (80 - 2) + 4 * 80 + 2 * 4 * 2) * pace)


def test_the_start_of_a_worker_is_no_computing():
    """The slow trial got its worker 242 s ago, which computed an epoch of 80 s in them."""
    running = [started("slow", 1, ago=242, epoch=1, each=80.0, reported=2)]
    found = left([ended("fast", 1, each=2.0, ago=242)], running)
    rest = (4 - 1) * 80 - 2 + 2 * 4 * 80 + 2 * 4 * 2
    assert found == pytest.approx(rest * 250 / (8 + 80 + 2))


def test_what_earlier_commands_computed_tells_the_cost_of_its_cell():
    """The present command has computed one fast trial in its 8 s."""
    earlier = ended("slow", 1, each=80.0, ago=3600)
    found = left([earlier, ended("fast", 1, each=2.0, ago=0)], [], NOW - timedelta(seconds=8))
    assert found == pytest.approx(2 * 4 * 80 + 2 * 4 * 2)


def test_a_trial_that_continues_has_computed_since_it_got_its_worker():
    """It had three epochs before; in its 10 s it has begun the fourth, 4 s ago."""
    running = [started("slow", 1, ago=10, epoch=3, each=80.0, reported=4)]
    found = left([ended("fast", 1, each=2.0, ago=240)], running)
    assert found == pytest.approx(((80 - 4) + 2 * 4 * 80 + 2 * 4 * 2) * 250 / (8 + 10))


def test_it_is_unknown_before_anything_is_computed():
    assert left([], []) is None
    assert left([], [started("slow", 1, ago=100)]) is None
    assert left([ended("fast", 1, each=2.0, ago=3600)], []) is None
