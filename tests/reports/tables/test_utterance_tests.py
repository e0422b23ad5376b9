import math

import numpy as np
import pytest

from reports.content.table import Dual, Interval, Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.render.csv import csv_table
from reports.render.markdown import markdown_table
from reports.statistics import RESAMPLES, score_intervals
from reports.tables.utterance_tests import utterance_tests
from sugrm.metrics import score
from tests.reports.ledger_builder import SPACE, LedgerBuilder

LABELS = np.random.default_rng(0).integers(-9, 10, 40).astype(np.float32) / 3


def predicted(builder, key, error, labels=LABELS):
    """Add test predictions that miss the labels by ``error`` times seeded noise."""
    noise = np.random.default_rng(len(builder.rows["predictions"])).normal(size=len(labels))
    values = (labels + error * noise).astype(np.float32)
    builder.rows["predictions"] += [
        {"key": key, "split": "test", "id": f"u{n:03}", "label": label, "prediction_M": value}
        for n, (label, value) in enumerate(zip(labels.tolist(), values.tolist(), strict=True))
    ]
    return values


def cell(builder, name, seed, error, **values):
    builder.cell(name, seed, 0.9, changes={} if name == "baseline" else {"a": 1}, **values)
    return predicted(builder, builder.rows["trials"][-1]["key"], error)


def built(builder, *cells):
    changes = {name: {} if name == "baseline" else {"a": 1} for name in ("baseline", *cells)}
    space = {**SPACE, "ablations": {"modules": changes}, "seeds": [1, 2]}
    return {table.name: table for table in utterance_tests(load_results(builder.write(space)))}


def row(table, *texts):
    (found,) = (row for row in table.rows if row[: len(texts)] == tuple(map(Text, texts)))
    return dict(zip((column.name for column in table.columns), found, strict=True))


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


def test_the_configuration_that_validation_chose_has_a_table_of_its_own(builder):
    builder.searched(0)
    for rank, mae in enumerate((0.9, 0.8)):
        builder.confirmed("s0" if rank else "s1", rank, 1, mae, mae)
        predicted(builder, f"c{rank}-1", 1.0)
    tables = utterance_tests(load_results(builder.write()))
    assert [table.name for table in tables] == [
        "confirmed_utterances",
        "confirmed_utterances_by_seed",
    ]
    assert [row[0] for row in tables[0].rows] == [Text("2 (chosen)")]
    assert "only finished seed" in tables[0].notes[0].text


def test_an_ablation_has_its_mcnemar_tests_behind_its_intervals(builder):
    cell(builder, "baseline", 1, 0.1)
    cell(builder, "noisy", 1, 9.0)
    tables = built(builder, "noisy")
    assert list(tables) == [
        "ablation_modules_utterances",
        "ablation_modules_utterances_by_seed",
        "ablation_modules_mcnemar",
    ]
    assert tables["ablation_modules_mcnemar"].title.endswith("McNemar tests against baseline")


def test_methods_and_the_two_kinds_of_uncertainty_are_named(builder):
    cell(builder, "baseline", 1, 1.0)
    cell(builder, "baseline", 2, 1.0)
    text = " ".join(note.text for note in built(builder)["ablation_modules_utterances"].notes)
    assert "two-sided BCa bootstrap interval" in text
    assert f"{RESAMPLES:,} resamples" in text
    assert "It often scores better than its seeds do on average" in text
    assert "an interval over seeds is about other training runs on the same utterances" in text


def test_a_run_without_predictions_has_no_table(builder):
    builder.cell("baseline", 1, 0.9)
    assert built(builder) == {}


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


def test_a_hostile_name_stays_in_its_cell(builder):
    cell(builder, "baseline", 1, 1.0)
    cell(builder, "a | b\n# c", 1, 2.0)
    for table in built(builder, "a | b\n# c").values():
        lines = markdown_table(table).splitlines()
        assert len([line for line in lines if line.startswith("|")]) == len(table.rows) + 2


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
