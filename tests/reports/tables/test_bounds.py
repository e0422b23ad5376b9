import math

import pytest

from reports.ledger.reading.load import load_results
from reports.results.confirmation import confirmation_of
from reports.statistics import summarise
from reports.tables.bounds import bounds_notes
from reports.tables.intervals import intervals
from reports.tables.metrics import METRICS
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def said(*shown):
    return [note.text for note in bounds_notes((METRICS[name], summarise(v)) for name, v in shown)]


@pytest.mark.parametrize(
    ("name", "values", "passed"),
    [
        ("acc2_negative_positive", [0.99, 0.99, 0.95], "Acc-2 negative / positive above 100 %"),
        ("acc7", [0.01, 0.01, 0.05], "Acc-7 below 0 %"),
        ("corr", [0.99, 0.99, 0.95], "Corr above 1"),
        ("corr", [-0.99, -0.99, -0.95], "Corr below -1"),
        ("mae", [0.1, 0.1, 0.9], "MAE below 0"),
    ],
)
def test_a_bound_that_an_interval_passes_is_named(name, values, passed):
    """Values of which one differs by 0.04: mean 0.04 / 3 off, half width 4.3 * 0.0133."""
    (note,) = said((name, values))
    assert note.startswith(f"Some intervals exceed the range of the metric: {passed}. ")


def test_both_ends_of_one_interval_and_other_metrics_are_named_each_once():
    (note,) = said(("acc5", [0.2, 0.8, 0.8]), ("acc5", [0.1, 0.9, 0.1]), ("corr", [0.9, 1.0, 1.0]))
    assert "metric: Acc-5 below 0 %; Acc-5 above 100 %; Corr above 1. A t" in note


@pytest.mark.parametrize(
    "shown",
    [
        ("corr", [1.0, 1.0, 1.0]),
        ("mae", [1.2, 1.3, 1.2]),
        ("acc5", [0.9, 0.1]),
        ("corr", [math.nan, 0.1, 0.2]),
    ],
)
def test_an_interval_within_its_range_or_none_needs_no_word(shown):
    assert said(shown) == []


def test_the_table_of_the_confirmed_configurations_says_so(tmp_path):
    """MAE 0.05 to 0.3: Acc-2 is 1 - MAE / 4 and 2 points more, so 94 to 100 %."""
    builder = LedgerBuilder(tmp_path)
    for seed, mae in ((1, 0.05), (2, 0.1), (3, 0.3)):
        builder.confirmed("a", 0, seed, mae, mae)
    results = load_results(builder.write({**SPACE, "confirm": {"seeds": [1, 2, 3]}}))
    table = intervals(results, confirmation_of(results))
    text = " ".join(note.text for note in table.notes)
    assert "Acc-2 negative / positive above 100 %" in text
