import math

import pytest

from reports.figures.effects import EffectMetric, effects_of, why_no_effect
from reports.ledger.reading.load import load_results
from reports.results.seed_groups import ablation_cells
from tests.reports.ledger_builder import SPACE, LedgerBuilder

MAE = EffectMetric("mae", "MAE", factor=1.0, better="left", digits=3)


@pytest.fixture
def run(tmp_path):
    """Return a run and its cells: a baseline of seeds 1 to 3, LSTM of 1 to 3 and GRU of none."""
    builder = LedgerBuilder(tmp_path)
    cells = {"baseline": {}, "LSTM": {"a": 1}, "GRU": {"a": 2}}
    for seed, (base, lstm) in enumerate(((0.9, 1.0), (1.0, 1.2), (1.1, 1.4)), start=1):
        builder.cell("baseline", seed, base, group="g", changes={})
        builder.cell("LSTM", seed, lstm, group="g", changes={"a": 1})
    space = {**SPACE, "ablations": {"g": cells}, "seeds": [1, 2, 3]}
    results = load_results(builder.write(space))
    return results, ablation_cells(results)["g"]


def test_an_effect_is_the_mean_of_the_differences_by_seed(run):
    results, (baseline, *cells) = run
    published = {"LSTM": {"mae": 0.05}}
    lstm, gru = effects_of(results, MAE, baseline=baseline, cells=cells, published=published)
    assert lstm.by_seed == pytest.approx({1: 0.1, 2: 0.2, 3: 0.3})
    assert (lstm.mean, lstm.published) == (pytest.approx(0.2), 0.05)
    assert lstm.high == pytest.approx(0.2 + 0.43027 / 3**0.5, abs=1e-5)
    assert (gru.by_seed, gru.published) == ({}, None)
    assert math.isnan(gru.mean)


def test_a_cell_without_an_effect_says_why(run):
    results, (baseline, *cells) = run
    effects = effects_of(results, MAE, baseline=baseline, cells=cells, published={})
    whys = [
        why_no_effect(results, baseline, cell=cell, effect=effect)
        for cell, effect in zip(cells, effects, strict=True)
    ]
    assert whys == ["", "missing"]
