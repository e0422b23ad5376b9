import math

import pytest

from reports.ledger.reading.load import load_results
from reports.results.best_system import chosen_system
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def predicted(builder, key, values, split="test"):
    """Add predictions for utterances u0, u1 and so on, labelled 0, 1 and so on."""
    builder.rows["predictions"] += [
        {"key": key, "split": split, "id": f"u{n}", "label": float(n), "prediction_M": value}
        for n, value in enumerate(values)
    ]


def system(builder):
    return chosen_system(load_results(builder.write()))


def test_the_configuration_that_validation_chose_is_averaged_over_its_seeds(builder):
    """The second is better on validation, the first on test."""
    for rank, of, valid, test in ((0, "a", 0.9, 0.1), (1, "b", 0.8, 2.0)):
        for seed in (1, 2):
            builder.confirmed(of, rank, seed, valid, test)
    predicted(builder, "c0-1", [9.0, 9.0])
    predicted(builder, "c1-2", [1.0, 2.0])
    predicted(builder, "c1-1", [0.0, 4.0])
    predicted(builder, "c1-1", [7.0, 7.0], split="valid")
    found = system(builder)
    assert found.ids == ("u0", "u1")
    assert found.predictions.tolist() == [0.5, 3.0]
    assert found.labels.tolist() == [0.0, 1.0]
    assert found.note == (
        "System: confirmed configuration 2, chosen on validation, predictions averaged over its 2 "
        "seeds (1, 2); test split, 2 utterances."
    )


def test_without_a_confirmation_it_is_the_baseline_of_the_first_ablation(builder):
    builder.cell("remove MRM", 1, 0.1, changes={"model.recalibration": "none"})
    predicted(builder, builder.rows["trials"][-1]["key"], [5.0])
    builder.cell("baseline", 1, 0.9)
    predicted(builder, builder.rows["trials"][-1]["key"], [0.5])
    found = system(builder)
    assert found.name == "baseline, the baseline of the ablation modules"
    assert found.predictions.tolist() == [0.5]
    assert "predictions of seed 1; test split, 1 utterances." in found.note


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_an_utterance_that_one_seed_does_not_predict_is_left_out_and_counted(builder, value):
    for seed in (1, 2):
        builder.confirmed("a", 0, seed, 0.9, 0.9)
    predicted(builder, "c0-1", [1.0, 1.0])
    predicted(builder, "c0-2", [2.0, value])
    found = system(builder)
    assert (found.ids, found.left_out) == (("u0",), 1)
    assert found.predictions.tolist() == [1.5]
    assert "left out: 1 without a finite prediction" in found.note


def test_a_seed_without_recorded_predictions_is_not_counted(builder):
    for seed in (1, 2):
        builder.confirmed("a", 0, seed, 0.9, 0.9)
    predicted(builder, "c0-2", [2.0])
    found = system(builder)
    assert (found.seeds, found.unused) == ((2,), (1,))
    assert "of seed 2, leaving out 1, which recorded none for these utterances; test" in found.note


def test_without_predictions_there_is_none(tmp_path, builder):
    assert chosen_system(load_results(tiny_run(tmp_path / "tiny"))) is None
    builder.searched(0)
    assert system(builder) is None
