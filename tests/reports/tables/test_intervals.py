import pytest

from reports.load import load_results
from reports.page import key_numbers
from reports.select import confirmation_of
from reports.table import Missing, Text
from reports.tables.confirmed import confirmed
from reports.tables.intervals import intervals, published_beside
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


@pytest.fixture
def table(tmp_path):
    results = load_results(tiny_run(tmp_path / "tiny"))
    return intervals(results, confirmation_of(results))


def cell(table, name, configuration, metric):
    place = [column.name for column in table.columns].index(name)
    labels = (Text(configuration), Text(metric))
    return next(row[place] for row in table.rows if row[:2] == labels)


def test_the_interval_is_that_of_the_mean(table):
    """Test MAEs 0.97 and 1.01: 0.99 ± 12.706 * 0.02."""
    interval = cell(table, "test_interval", "1 (chosen)", "MAE").summary
    assert (interval.low, interval.high) == pytest.approx((0.73588, 1.24412), abs=1e-5)


def test_an_interval_needs_two_seeds(table):
    assert cell(table, "test_interval", "2", "MAE") == Missing()


def test_the_difference_is_ours_less_the_published(table):
    difference = cell(table, "difference", "1 (chosen)", "MAE")
    assert difference.value == pytest.approx(0.99 - 0.703)
    assert difference.signed


def test_what_the_paper_does_not_report_is_missing(table):
    assert cell(table, "published", "1 (chosen)", "Acc-7") == Missing()


def test_n_counts_test_scores(table):
    assert cell(table, "n", "1 (chosen)", "MAE").value == 2


def test_nothing_is_published_beside_what_has_not_finished(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("a", 0, 1, 0.9, 0.9, status="failed")
    results = load_results(builder.write())
    assert published_beside(results, confirmation_of(results)) == ("", {})


def test_nothing_is_published_beside_data_of_other_sizes_and_each_table_says_why(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for seed in (1, 2):
        builder.confirmed("a", 0, seed, 0.9, 0.9)
    results = load_results(builder.write(sizes=(200, 60, 60)))
    assert published_beside(results, confirmation_of(results)) == ("", {})
    overview, beside, *_ = confirmed(results)
    assert "published" not in [row[0].text for row in overview.rows]
    for built in (overview, beside, key_numbers(results)):
        (why,) = [note.text for note in built.notes if "No published values" in note.text]
        assert why.endswith("these have 200/60/60.")
