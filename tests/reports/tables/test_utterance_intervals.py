import math

import numpy as np
import pytest

from reports.content.table import Dual, Interval, Missing, Number, Style
from reports.render.csv import csv_table
from reports.statistics import RESAMPLES, score_intervals
from sugrm.metrics import score
from tests.reports.ledger_builder import LedgerBuilder
from tests.reports.tables.predicted_cells import LABELS, built, cell, predicted, row


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def test_a_cell_is_scored_by_the_mean_of_the_predictions_of_its_seeds(builder):
    seeds = [cell(builder, "baseline", seed, 1.5) for seed in (1, 2)]
    table = built(builder)["ablation_modules_utterances"]
    found, mean = row(table, "baseline"), np.mean(seeds, axis=0, dtype=np.float64)
    expected = score(mean, LABELS)
    (intervals,) = score_intervals(mean[None], LABELS)
    assert (found["seeds"].value, found["utterances"].value) == (2, 40)
    assert found["mae"] == Number(pytest.approx(expected["mae"]), Style.SCORE)
    assert found["acc2"].positive.value == pytest.approx(expected["acc2_negative_positive"])
    assert found["f1"].nonnegative.value == pytest.approx(expected["f1_negative_nonnegative"])
    assert found["corr_interval"].summary.low == pytest.approx(intervals["corr"].low)
    assert isinstance(found["acc2_interval"], Dual)
    assert isinstance(found["acc2_interval"].positive, Interval)


def test_the_data_file_has_every_seed_beside_the_ensemble(builder):
    values = cell(builder, "baseline", 1, 1.5)
    cell(builder, "baseline", 2, 1.5)
    table = built(builder)["ablation_modules_utterances_by_seed"]
    assert table.is_data
    assert len(table.rows) == 3 * 6
    mae = row(table, "baseline", "1", "mae")["score"].value
    assert mae == pytest.approx(score(values, LABELS)["mae"])
    assert row(table, "baseline", "ensemble", "mae")["score"].value < mae
    head = "cell,seed,metric,utterances,score,interval_low,interval_high"
    assert csv_table(table).splitlines()[0] == head


def test_methods_and_the_two_kinds_of_uncertainty_are_named(builder):
    cell(builder, "baseline", 1, 1.0)
    cell(builder, "baseline", 2, 1.0)
    text = " ".join(note.text for note in built(builder)["ablation_modules_utterances"].notes)
    assert "two-sided BCa bootstrap interval" in text
    assert f"{RESAMPLES:,} resamples" in text
    assert "It often scores better than its seeds do on average" in text
    assert "an interval over seeds is about other training runs on the same utterances" in text


def test_cells_without_predictions_say_why(builder):
    cell(builder, "baseline", 1, 1.0)
    builder.cell("silent", 1, 0.9, changes={"a": 1})
    table = built(builder, "silent", "late")["ablation_modules_utterances"]
    assert set(list(row(table, "silent").values())[1:]) == {Missing("no predictions")}
    assert set(list(row(table, "late").values())[1:]) == {Missing("missing")}


def test_a_seed_that_diverged_leaves_the_ensemble_undefined(builder):
    cell(builder, "baseline", 1, math.nan)
    cell(builder, "baseline", 2, 1.0)
    table = built(builder)["ablation_modules_utterances"]
    assert math.isnan(row(table, "baseline")["mae"].value)
    assert row(table, "baseline")["mae_interval"] == Missing()


def test_cells_on_other_utterances_are_scored_each_on_its_own(builder):
    cell(builder, "baseline", 1, 1.0)
    builder.cell("other", 1, 0.9, changes={"a": 1})
    values = predicted(builder, builder.rows["trials"][-1]["key"], 1.0, LABELS[:30])
    table = built(builder, "other")["ablation_modules_utterances"]
    assert row(table, "other")["utterances"] == Number(30, Style.INTEGER)
    assert row(table, "other")["mae"].value == pytest.approx(score(values, LABELS[:30])["mae"])


def test_a_finished_seed_that_an_ensemble_lacks_is_named(builder):
    cell(builder, "baseline", 1, 1.5)
    builder.cell("baseline", 2, 0.9)
    cell(builder, "LSTM", 1, 1.5)
    table = built(builder, "LSTM")["ablation_modules_utterances"]
    (said,) = [note.text for note in table.notes if "Left out: finished seeds" in note.text]
    assert said.endswith("utterances (baseline: 2).")


@pytest.mark.parametrize("names", [40, 38])
def test_utterances_that_share_an_id_are_all_scored(builder, names):
    """The test split has 40 utterances, in a ledger where two ids may stand twice."""
    cell(builder, "baseline", 1, 1.5)
    for place, prediction in enumerate(builder.rows["predictions"]):
        prediction["id"] = f"u{place % names:03}"
    table = built(with_corpus(builder))["ablation_modules_utterances"]
    assert row(table, "baseline")["utterances"].value == 40
    assert not [note for note in table.notes if note.text.startswith("Attention")]


def test_utterances_without_a_recorded_prediction_are_counted(builder):
    cell(builder, "baseline", 1, 1.5)
    del builder.rows["predictions"][38:]
    table = built(with_corpus(builder))["ablation_modules_utterances"]
    assert row(table, "baseline")["utterances"].value == 38
    (said,) = [note.text for note in table.notes if note.text.startswith("Attention")]
    assert "38 of the 40 utterances of the test split" in said


def with_corpus(builder):
    """Record that the test split has 40 utterances."""
    corpus = {"data_fingerprint": "d0d0", "alignment": "unaligned", "split": "test"}
    builder.rows["utterances"] = [
        {**corpus, "position": place, "id": f"u{place:03}"} for place in range(40)
    ]
    return builder
