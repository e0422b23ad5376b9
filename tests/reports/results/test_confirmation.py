import pytest

from reports.ledger.reading.load import load_results
from reports.results.confirmation import confirmation_of
from reports.results.seed_groups import ablation_cells
from reports.tables.search_to_confirmation import search_winner
from tests.reports.ledger_builder import SPACE, LedgerBuilder


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


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


def test_seeds_that_are_not_planned_do_not_count(builder):
    builder.cell("baseline", 1, 0.9)
    builder.cell("baseline", 99, 0.1)
    baseline = ablation_cells(load_results(builder.write()))["modules"][0]
    assert baseline.values("test", "mae") == {1: 0.9}


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
