import math

import pytest

from reports.ledger.reading.load import load_results
from reports.results.search_entries import search_entries
from tests.reports.ledger_builder import SEEDS, SPACE, LedgerBuilder


def entries_of(builder, space=SPACE):
    return search_entries(load_results(builder.write(space)))


def with_objective(metric, mode):
    return {**SPACE, "search": {**SPACE["search"], "objective": {"metric": metric, "mode": mode}}}


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def test_finished_trials_are_ranked_by_validation_whatever_their_test_says(builder):
    builder.searched(0, 0.9, test=0.1)
    builder.searched(1, 0.7, test=2.0)
    builder.searched(2, 0.8, test=0.5)
    entries = entries_of(builder)
    assert [(entry.rank, *entry.numbers) for entry in entries] == [(1, 1), (2, 2), (3, 0)]


def test_a_metric_to_maximise_ranks_downwards(builder):
    builder.searched(0, 0.9)
    builder.searched(1, 0.7)
    builder.searched(2, 0.8, valid_corr=math.nan)
    entries = entries_of(builder, with_objective("valid/corr", "max"))
    assert [entry.numbers for entry in entries] == [(1,), (0,), (2,)]


def test_stopped_and_failed_trials_follow_without_a_rank(builder):
    builder.searched(0, status="failed")
    builder.searched(1, 0.5, status="stopped")
    builder.searched(2, 0.9)
    entries = entries_of(builder)
    assert [(entry.trial.status, entry.rank) for entry in entries] == [
        ("finished", 1),
        ("stopped", None),
        ("failed", None),
    ]


def test_configurations_are_ranked_by_the_mean_over_all_seeds(builder):
    for number, maes in enumerate([(0.5, 1.1), (0.6,), (0.9, 0.5), (0.7, None), (0.8, 0.8)]):
        builder.searched(number, maes[0], test=1.0)
        for mae in maes[1:]:
            status = "failed" if mae is None else "finished"
            builder.other_seed(number, 8, mae or 0.0, test=2.0, status=status)
    entries = entries_of(builder, SEEDS)
    assert [(entry.rank, *entry.numbers, entry.trial.status) for entry in entries] == [
        (1, 2, "finished"),
        (2, 0, "finished"),
        (3, 4, "finished"),
        (None, 1, "finished"),
        (None, 3, "failed"),
    ]
    assert [entry.is_complete for entry in entries] == [True, True, True, False, True]
    best = entries[0]
    assert best.trial.key == "s2"
    assert best.trial.valid["mae"] == pytest.approx(0.7)
    assert best.trial.test["mae"] == pytest.approx(1.5)
    assert [trial.seed for trial in best.trials] == [1110, 8]


def test_a_seed_that_the_space_no_longer_has_does_not_count(builder):
    builder.searched(0, 0.5)
    builder.other_seed(0, 8, 0.9)
    (entry,) = entries_of(builder)
    assert (entry.rank, entry.trial.valid["mae"], len(entry.trials)) == (1, 0.5, 1)


def test_a_setting_suggested_twice_stands_once_with_both_numbers(builder):
    builder.searched(4)
    builder.role("search", "s4", number=2)
    (entry,) = entries_of(builder)
    assert entry.numbers == (2, 4)


def test_a_role_whose_trial_has_not_ended_is_no_entry(builder):
    builder.searched(0)
    builder.role("search", "running", number=1)
    assert len(entries_of(builder)) == 1
