import pytest

from reports.content.table import Missing, Text
from reports.ledger.reading.load import load_results
from reports.overview.key_numbers import key_numbers
from reports.results.confirmation import confirmation_of
from reports.tables.confirmed import confirmed
from reports.tables.intervals import intervals
from reports.tables.published_values import published_values
from sugrm.config import resolve
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


@pytest.fixture
def table(tmp_path):
    results = load_results(tiny_run(tmp_path / "tiny"))
    return intervals(results, confirmation_of(results))


def cell(table, name, configuration, metric):
    place = [column.name for column in table.columns].index(name)
    labels = (Text(configuration), Text(metric))
    return next(row[place] for row in table.rows if row[:2] == labels)


def test_the_interval_is_that_of_the_mean(tmp_path):
    """Test MAEs 0.97, 0.99 and 1.01: mean 0.99, half width 4.302653 * 0.02 / sqrt(3)."""
    builder = LedgerBuilder(tmp_path)
    for seed, mae in ((1, 0.97), (2, 0.99), (3, 1.01)):
        builder.confirmed("a", 0, seed, mae, mae)
    results = load_results(builder.write({**SPACE, "confirm": {"top": 1, "seeds": [1, 2, 3]}}))
    table = intervals(results, confirmation_of(results))
    interval = cell(table, "test_interval", "1 (chosen)", "MAE").summary
    half = 4.302653 * 0.02 / 3**0.5
    assert (interval.low, interval.high) == pytest.approx((0.99 - half, 0.99 + half), abs=1e-6)


def test_an_interval_needs_three_seeds(table):
    assert cell(table, "test_interval", "1 (chosen)", "MAE") == Missing("2 seeds: no interval")
    assert cell(table, "test_interval", "2", "MAE") == Missing("1 seed: no interval")


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
    assert published_values(results, confirmation_of(results)) == ("", {})


def test_nothing_is_published_beside_data_of_other_sizes_and_each_table_says_why(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for seed in (1, 2):
        builder.confirmed("a", 0, seed, 0.9, 0.9)
    results = load_results(builder.write(sizes=(200, 60, 60)))
    assert published_values(results, confirmation_of(results)) == ("", {})
    overview, beside, *_ = confirmed(results)
    assert "published" not in [row[0].text for row in overview.rows]
    for built in (overview, beside, key_numbers(results)):
        (why,) = [note.text for note in built.notes if "No published values" in note.text]
        assert why.endswith("these have 200/60/60.")


def test_fixed_values_that_are_not_the_presets_stand_under_the_published_ones(tmp_path):
    """The batch size was searched; what the space itself fixes is named, once for both seeds."""
    config = resolve(
        {"preset": ["mosi", "paper"]},
        {"model": {"text": {"name": "minilm"}}, "training": {"max_epochs": 3, "batch_size": 16}},
    ).model_dump_json()
    builder = LedgerBuilder(tmp_path)
    for seed in (1, 2):
        key = builder.trial(f"c{seed}", seed=seed, config=config)
        changes = {"training.batch_size": 16}
        builder.role("confirm", key, group="s0", number=0, seed=seed, changes=changes)
    results = load_results(builder.write())
    overview, beside, *_ = confirmed(results)
    for built in (overview, beside, key_numbers(results)):
        said = [note.text for note in built.notes if "preset" in note.text]
        assert said == [
            "Fixed values that differ from the system's preset: text minilm, max_epochs 3."
        ]
