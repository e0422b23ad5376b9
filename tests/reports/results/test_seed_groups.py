import math

import pytest

from reports.ledger.run.load import load_results
from reports.results.seed_groups import ablation_cells, baseline_of, confirmation_of, search_entries
from reports.tables.search_to_confirmation import search_winner
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


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


def test_a_setting_suggested_twice_stands_once_with_both_numbers(builder):
    builder.searched(4)
    builder.role("search", "s4", number=2)
    (entry,) = entries_of(builder)
    assert entry.numbers == (2, 4)


def test_a_role_whose_trial_has_not_ended_is_no_entry(builder):
    builder.searched(0)
    builder.role("search", "running", number=1)
    assert len(entries_of(builder)) == 1


def test_the_confirmation_chooses_on_mean_validation_not_on_test(builder):
    """Means 0.85 and 0.80 on validation, 0.5 and 2.0 on test: the second is chosen."""
    for seed, difference in ((1, 0.1), (2, -0.1)):
        builder.confirmed("a", 0, seed, 0.85 + difference, 0.5)
        builder.confirmed("b", 1, seed, 0.80 + difference, 2.0)
    confirmation = confirmation_of(load_results(builder.write()))
    assert [c.group for c in confirmation.configurations] == ["a", "b"]
    assert confirmation.chosen == 1
    assert confirmation.label(1) == "2 (chosen)"
    assert confirmation.label(0) == "1"


def test_a_lucky_single_seed_is_not_chosen(builder):
    builder.confirmed("a", 0, 1, 0.9, 0.9)
    builder.confirmed("a", 0, 2, 0.9, 0.9)
    builder.confirmed("b", 1, 1, 0.1, 0.1)
    assert confirmation_of(load_results(builder.write())).chosen == 0


def test_nothing_is_chosen_before_a_confirmation_has_finished(builder):
    builder.confirmed("a", 0, 1, 0.9, 0.9, status="failed")
    confirmation = confirmation_of(load_results(builder.write()))
    assert confirmation.chosen is None
    assert confirmation.configurations[0].failed == (1,)
    assert confirmation.configurations[0].missing == (1, 2)


def test_planned_cells_without_a_trial_are_there_and_missing(tmp_path):
    cells = ablation_cells(load_results(tiny_run(tmp_path / "tiny")))["modules"]
    assert [(cell.cell, cell.missing) for cell in cells] == [
        ("baseline", ()),
        ("remove MRM", (3,)),
        ("LSTM", (1, 2, 3)),
    ]


def test_seeds_that_are_not_planned_do_not_count(builder):
    builder.cell("baseline", 1, 0.9)
    builder.cell("baseline", 99, 0.1)
    baseline = ablation_cells(load_results(builder.write()))["modules"][0]
    assert baseline.values("test", "mae") == {1: 0.9}


def test_seeds_of_an_earlier_setting_are_left_out_and_counted(builder):
    for seed in (1, 2):
        builder.cell("baseline", seed, 0.5, config='{"max_epochs": 1}')
    builder.cell("baseline", 3, 0.9, config='{"max_epochs": 9}')
    baseline = ablation_cells(load_results(builder.write()))["modules"][0]
    assert baseline.values("test", "mae") == {3: 0.9}
    assert baseline.missing == (1, 2)
    assert baseline.superseded == 2


def test_a_cell_whose_changes_were_edited_starts_anew(builder):
    builder.cell("LSTM", 1, 0.5, changes={"model.encoder.name": "transformer"})
    cell = ablation_cells(load_results(builder.write()))["modules"][2]
    assert cell.finished == {}
    assert cell.superseded == 1


def test_without_a_plan_the_recorded_cells_are_shown(builder):
    builder.cell("LSTM", 2, 0.5, changes={"model.encoder.name": "lstm"})
    (cell,) = ablation_cells(load_results(builder.write(space=None)))["modules"]
    assert (cell.cell, cell.planned, cell.missing) == ("LSTM", (2,), ())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"LSTM": {"a": 1}, "plain": {}, "baseline": {"b": 2}}, "baseline"),
        ({"LSTM": {"a": 1}, "plain": {}}, "plain"),
        ({"LSTM": {"a": 1}, "GRU": {"a": 2}}, "LSTM"),
    ],
)
def test_the_baseline_is_found_by_name_then_by_having_no_change(builder, cells, expected):
    space = {**SPACE, "ablations": {"group": cells}}
    results = load_results(builder.write(space))
    assert baseline_of(results, ablation_cells(results)["group"]).cell == expected


def test_a_space_may_name_the_baseline(builder):
    cells = {"text only": {"a": 1}, "Self-MM": {"a": 2}, "baseline": {}}
    space = {**SPACE, "ablations": {"group": cells}, "baselines": {"group": "Self-MM"}}
    results = load_results(builder.write(space))
    assert baseline_of(results, ablation_cells(results)["group"]).cell == "Self-MM"


def test_a_configuration_that_is_no_longer_among_the_best_is_apart(builder):
    """Two are confirmed: s2 was found after s0 and s1 had been confirmed, and beats both."""
    for number, mae in enumerate((0.8, 0.9, 0.7)):
        builder.searched(number, mae)
    for rank, of in enumerate(("s0", "s1")):
        builder.confirmed(of, rank, 1, 0.1, 0.1)
    builder.confirmed("s2", 0, 2, 0.5, 0.5)
    confirmation = confirmation_of(load_results(builder.write()))
    assert {each.group for each in confirmation.configurations} == {"s0", "s2"}
    assert [each.group for each in confirmation.earlier] == ["s1"]


def test_of_several_objectives_the_present_choice_is_of_the_pareto_set(builder):
    """s1 is beaten by s0 in both; s2 has the fewest parameters."""
    for number, (mae, parameters) in enumerate(((0.7, 50), (0.8, 60), (0.9, 10))):
        builder.searched(number, mae, parameters=parameters)
    for rank, of in enumerate(("s0", "s1", "s2")):
        builder.confirmed(of, rank, 1, 0.1, 0.1)
    objective = [{"metric": "valid/mae"}, {"metric": "cost/parameters"}]
    space = {**SPACE, "search": {**SPACE["search"], "objective": objective}}
    confirmation = confirmation_of(load_results(builder.write(space)))
    assert [each.group for each in confirmation.configurations] == ["s0", "s2"]


def test_trials_on_earlier_data_neither_compete_for_the_confirmation_nor_win_it(builder):
    """s0 to s2 on earlier data have smaller errors, which cannot be compared with the others."""
    for number, mae in ((0, 0.1), (1, 0.2), (2, 0.3), (10, 0.7), (11, 0.8), (12, 0.9)):
        data = {"data_fingerprint": "d0" if number < 10 else "d1"}
        builder.searched(number, mae, **data)
        for seed in (1, 2):
            builder.confirmed(f"s{number}", number, seed, mae, mae, **data)
    results = load_results(builder.write())
    confirmation = confirmation_of(results)
    assert [each.group for each in confirmation.configurations] == ["s10", "s11"]
    assert confirmation.configurations[confirmation.chosen].group == "s10"
    assert [each.group for each in confirmation.earlier] == ["s0", "s1", "s2", "s12"]
    assert search_winner(results).searched == 0.7


def test_the_confirmation_is_gathered_once_for_all_tables(builder):
    builder.searched(0, 0.5)
    builder.confirmed("s0", 0, 1, 0.5, 0.5)
    results = load_results(builder.write())
    assert confirmation_of(results) is confirmation_of(results)
