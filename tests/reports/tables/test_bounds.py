import math

import pytest

from reports.load import load_results
from reports.page.key_numbers import key_numbers
from reports.select import confirmation_of
from reports.statistics import summarise
from reports.tables.bounds import bounds_notes
from reports.tables.intervals import intervals
from reports.tables.metrics import SHOWN
from tests.reports.ledger_builder import LedgerBuilder

METRICS = {metric.name: metric for metric in SHOWN}


def said(*shown):
    return [note.text for note in bounds_notes((METRICS[name], summarise(v)) for name, v in shown)]


@pytest.mark.parametrize(
    ("name", "values", "passed"),
    [
        ("acc2_negative_positive", [0.99, 0.95], "Acc-2 negative / positive above 100 %"),
        ("acc7", [0.01, 0.05], "Acc-7 below 0 %"),
        ("corr", [0.99, 0.95], "Corr above 1"),
        ("corr", [-0.99, -0.95], "Corr below -1"),
        ("mae", [0.1, 0.9], "MAE below 0"),
    ],
)
def test_a_bound_that_an_interval_passes_is_named(name, values, passed):
    """Two values that differ by 0.04: 12.7 * 0.02 on either side of their mean."""
    (note,) = said((name, values))
    assert note.startswith(f"Some intervals pass what the metric can be: {passed}. ")


def test_both_ends_of_one_interval_and_other_metrics_are_named_each_once():
    (note,) = said(("acc5", [0.2, 0.8]), ("acc5", [0.1, 0.9]), ("corr", [0.9, 1.0]))
    assert "can be: Acc-5 below 0 %; Acc-5 above 100 %; Corr above 1. A t" in note


@pytest.mark.parametrize(
    "shown", [("corr", [1.0, 1.0]), ("mae", [1.2, 1.3]), ("acc5", [0.9]), ("corr", [math.nan, 0.1])]
)
def test_an_interval_within_its_range_or_none_needs_no_word(shown):
    assert said(shown) == []


def test_the_tables_of_the_chosen_configuration_say_so(tmp_path):
    """MAE 0.05 and 0.1: Acc-2 is 1 - MAE / 4 and 2 points more, so 98 and 100 %."""
    builder = LedgerBuilder(tmp_path)
    for seed, mae in ((1, 0.05), (2, 0.1)):
        builder.confirmed("a", 0, seed, mae, mae)
    results = load_results(builder.write())
    for table in (intervals(results, confirmation_of(results)), key_numbers(results)):
        text = " ".join(note.text for note in table.notes)
        assert "Acc-2 negative / positive above 100 %" in text
