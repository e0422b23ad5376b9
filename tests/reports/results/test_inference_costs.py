import math

import pytest

from reports.ledger.reading.load import load_results
from reports.results.inference_costs import front_of, search_costs, seed_costs
from tests.reports.ledger_builder import SPACE, LedgerBuilder


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def test_trials_cost_what_validation_says_best_first(builder):
    builder.searched(0, 0.9, test=0.1, inference_seconds=1.0)
    builder.searched(1, 0.8, test=2.0, inference_seconds=3.0)
    found = [
        (cost.name, cost.seconds, cost.mae.mean)
        for cost in search_costs(load_results(builder.write()))
    ]
    assert found == [("trial 1", 3.0, 0.8), ("trial 0", 1.0, 0.9)]


def test_trials_without_a_time_or_a_mae_or_an_end_are_left_out(builder):
    builder.searched(0, 0.9)
    builder.searched(1, 0.9, inference_seconds=0.0)
    builder.searched(2, 0.9, inference_seconds=1.0, valid_mae=math.nan)
    builder.searched(3, 0.9, inference_seconds=1.0, status="stopped")
    assert list(search_costs(load_results(builder.write()))) == []


def test_settings_are_means_over_their_seeds(builder):
    for seed, mae, seconds in ((1, 0.8, 1.0), (2, 1.0, 3.0)):
        builder.cell("baseline", seed, mae, inference_seconds=seconds)
        builder.confirmed("s0", 0, seed, 0.5, mae - 0.2, inference_seconds=2 * seconds)
    confirmed, cell = seed_costs(load_results(builder.write()))
    assert (confirmed.name, confirmed.kind) == ("confirmed 1 (chosen)", "confirmed configurations")
    assert (confirmed.seconds, confirmed.mae.mean) == pytest.approx((4.0, 0.7))
    assert (cell.name, cell.kind) == ("baseline", "modules")
    assert (cell.seconds, cell.mae.mean, cell.mae.count) == pytest.approx((2.0, 0.9, 2))


def test_a_cell_that_two_ablations_share_stands_once(builder):
    builder.cell("baseline", 1, 0.8, inference_seconds=1.0)
    key = builder.rows["trials"][-1]["key"]
    builder.role("ablation", key, group="losses", cell="L1", seed=1)
    space = {**SPACE, "ablations": {**SPACE["ablations"], "losses": {"L1": {}}}}
    assert [cost.kind for cost in seed_costs(load_results(builder.write(space)))] == ["modules"]


def test_the_front_runs_from_the_fastest_to_the_most_accurate(builder):
    """Trial 1 is slower and worse than trial 0; trial 2 is the fastest, trial 3 the best."""
    for number, (mae, seconds) in enumerate([(0.8, 2.0), (0.9, 3.0), (1.0, 1.0), (0.7, 9.0)]):
        builder.searched(number, mae, inference_seconds=seconds)
    front = front_of(list(search_costs(load_results(builder.write()))))
    assert [cost.name for cost in front] == ["trial 2", "trial 0", "trial 3"]
