import pytest

from reports.ledger.reading.load import load_results
from reports.render.cell_text import cell_text
from reports.results.confirmation import confirmation_of
from reports.tables.search_to_confirmation import search_to_confirmation, search_winner
from tests.reports.ledger_builder import SEEDS, SPACE, LedgerBuilder, tiny_run


def test_every_configuration_stands_with_its_value_in_the_search_and_its_fresh_seeds(tmp_path):
    results = load_results(tiny_run(tmp_path))
    (table,) = search_to_confirmation(results, confirmation_of(results))
    assert [[cell_text(cell) for cell in row] for row in table.rows] == [
        ["1 (chosen)", "0.800", "2", "0.830 ± 0.014", "+0.030"],
        ["2", "0.900", "1", "0.910", "+0.010"],
    ]


def test_several_seeds_of_the_search_stand_with_their_mean_and_deviation(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.5)  # with seed 1110
    builder.other_seed(0, 8, 0.7)
    for seed, mae in ((1, 0.8), (2, 0.9)):
        builder.confirmed("s0", 0, seed, mae, mae)
    results = load_results(builder.write(SEEDS))
    (table,) = search_to_confirmation(results, confirmation_of(results))
    assert [[cell_text(cell) for cell in row] for row in table.rows] == [
        ["1 (chosen)", "2", "0.600 ± 0.141", "2", "0.850 ± 0.071", "+0.250"]
    ]
    assert "was 0.600 on average over 2 seeds; over 2 fresh" in search_winner(results).sentence


def test_the_seed_of_the_search_does_not_count_among_those_confirmed(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.5)  # with seed 1110
    for seed, mae in ((1110, 0.5), (1, 0.6), (2, 0.7)):
        builder.confirmed("s0", 0, seed, mae, mae)
    space = {**SPACE, "confirm": {"top": 1, "seeds": [1110, 1, 2]}}
    found = search_winner(load_results(builder.write(space)))
    assert sorted(found.fresh) == pytest.approx([0.6, 0.7])


def test_the_winner_is_the_best_of_the_search_not_the_one_that_confirmation_chose(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.5)
    builder.searched(1, 0.6)
    builder.confirmed("s0", 0, 1, 0.9, 0.9)
    builder.confirmed("s1", 1, 1, 0.6, 0.6)
    results = load_results(builder.write())
    assert confirmation_of(results).chosen == 1
    assert (search_winner(results).searched, search_winner(results).fresh) == (0.5, (0.9,))


def test_a_winner_that_is_not_confirmed_yet_is_not_stood_for_by_an_earlier_one(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.5)
    builder.searched(1, 0.4)
    builder.confirmed("s0", 0, 1, 0.9, 0.9)
    assert search_winner(load_results(builder.write())) is None


def test_without_a_search_there_is_no_table(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("unknown", 0, 1, 0.9, 0.9)
    results = load_results(builder.write())
    assert search_to_confirmation(results, confirmation_of(results)) == ()
