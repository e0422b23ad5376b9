import math

import numpy as np
import pytest

from reports.ledger.reading.load import load_results
from reports.results.ensembles import read_predictions, systems_of
from reports.results.seed_groups import ablation_cells
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def system(builder):
    """Return the one cell of the builder's run, seeds 1 and 2, with its predictions."""
    space = {**SPACE, "ablations": {"modules": {"baseline": {}}}, "seeds": [1, 2]}
    results = load_results(builder.write(space))
    (cell,) = ablation_cells(results)["modules"]
    (system,) = systems_of({"baseline": cell}, read_predictions(results, [cell]))
    return system


def cell(builder, seed, rows):
    """Add a seed that predicted ``rows`` of split, utterance, label and prediction."""
    builder.cell("baseline", seed, 0.9)
    key = builder.rows["trials"][-1]["key"]
    builder.rows["predictions"] += [
        {"key": key, "split": split, "id": name, "label": label, "prediction_M": value}
        for split, name, label, value in rows
    ]


def test_an_ensemble_predicts_the_mean_of_its_seeds_on_each_test_utterance(tmp_path):
    """Utterance a: (1 + 2) / 2 = 1.5; b: (-1 + 0) / 2 = -0.5; the order of the rows is free."""
    builder = LedgerBuilder(tmp_path)
    cell(builder, 1, [("test", "a", 3.0, 1.0), ("test", "b", -1.0, -1.0), ("valid", "c", 0.0, 9.0)])
    cell(builder, 2, [("test", "b", -1.0, 0.0), ("test", "a", 3.0, 2.0)])
    both = system(builder).ensemble()
    assert both.ids == ("a", "b")
    assert both.labels.tolist() == [3.0, -1.0]
    assert both.values.tolist() == [1.5, -0.5]


def test_an_ensemble_of_chosen_seeds_leaves_out_the_others(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, 1, [("test", "a", 3.0, 1.0)])
    cell(builder, 2, [("test", "a", 3.0, 2.0)])
    assert system(builder).ensemble([2]).values.tolist() == [2.0]


@pytest.mark.parametrize("other", [("test", "b", 3.0, 2.0), ("test", "a", 2.0, 2.0)])
def test_a_seed_on_other_utterances_or_labels_is_left_out(tmp_path, other):
    builder = LedgerBuilder(tmp_path)
    cell(builder, 1, [("test", "a", 3.0, 1.0)])
    cell(builder, 2, [other])
    assert list(system(builder).seeds) == [1]


def test_a_seed_without_predictions_is_left_out(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, 1, [])
    cell(builder, 2, [("test", "a", 3.0, 2.0)])
    assert list(system(builder).seeds) == [2]


def test_a_prediction_that_is_not_recorded_is_undefined(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, 1, [("test", "a", 3.0, None), ("test", "b", 3.0, 1.0)])
    values = system(builder).ensemble().values
    assert math.isnan(values[0])
    assert np.isfinite(values[1])


def test_predictions_of_trials_outside_the_settings_are_not_read(tmp_path):
    builder = LedgerBuilder(tmp_path)
    cell(builder, 1, [("test", "a", 3.0, 1.0)])
    builder.searched(0)
    stray = {"key": "s0", "split": "test", "id": "a", "label": 3.0, "prediction_M": 7.0}
    builder.rows["predictions"].append(stray)
    results = load_results(builder.write())
    cells = ablation_cells(results)["modules"]
    assert set(read_predictions(results, cells)) == {builder.rows["trials"][0]["key"]}
