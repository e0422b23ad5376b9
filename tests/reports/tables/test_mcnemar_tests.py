import numpy as np
import pytest

from reports.content.table import Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.results.ensembles import read_predictions, systems_of
from reports.results.seed_groups import ablation_cells
from reports.tables.mcnemar_tests import mcnemar_tests
from tests.reports.ledger_builder import SPACE, LedgerBuilder

NONNEGATIVE, POSITIVE = "Acc-2 negative / non-negative", "Acc-2 negative / positive"
LABELS = [1.0, 1.0, 1.0, -1.0, -1.0, 0.0]


def built(tmp_path, predictions, labels=LABELS):
    """Return the tables of cells with predictions by seed; the first is the baseline."""
    builder = LedgerBuilder(tmp_path)
    for name, seeds in predictions.items():
        for seed, values in seeds.items():
            changes = {"a": name} if name != "baseline" else {}
            builder.cell(name, seed, 0.9, changes=changes)
            key = builder.rows["trials"][-1]["key"]
            builder.rows["predictions"] += [
                {"key": key, "split": "test", "id": f"u{n}", "label": label, "prediction_M": value}
                for n, (label, value) in enumerate(zip(labels, values, strict=False))
            ]
    cells = {name: {"a": name} if name != "baseline" else {} for name in predictions}
    space = {**SPACE, "ablations": {"g": cells}, "seeds": [1, 2]}
    builder.rows["roles"] = [{**role, "group": "g"} for role in builder.rows["roles"]]
    results = load_results(builder.write(space))
    settings = {cell.cell: cell for cell in ablation_cells(results)["g"]}
    found = read_predictions(results, list(settings.values()))
    return mcnemar_tests(results, "g", baseline="baseline", systems=systems_of(settings, found))


def row(table, cell, metric):
    (found,) = (row for row in table.rows if row[:2] == (Text(cell), Text(metric)))
    return dict(zip((column.name for column in table.columns), found, strict=True))


def counts(found):
    return [found[name].value for name in ("utterances", "cell_alone", "baseline_alone")]


def test_each_way_of_acc2_counts_who_alone_is_right(tmp_path):
    """The baseline misses the three positive ones; the cell the last negative one and the zero."""
    baseline, better = [-1, -1, -1, -1, -1, 1], [1, 1, 1, -1, 1, -1]
    (table,) = built(tmp_path, {"baseline": {1: baseline}, "better": {1: better}})
    assert table.title == "Ablation: g, McNemar tests against baseline"
    assert counts(row(table, "better", NONNEGATIVE)) == [6, 3, 2]
    assert counts(row(table, "better", POSITIVE)) == [5, 3, 1]
    assert row(table, "better", NONNEGATIVE)["p"] == Number(1.0, Style.P_VALUE)
    assert row(table, "better", POSITIVE)["p"].value == pytest.approx(10 / 16)


def test_holm_corrects_over_both_ways_of_every_cell(tmp_path):
    """Three alone against none have p = 0.25; of two equal tests Holm's is twice that."""
    baseline, better = [-1, -1, -1, -1, -1, 1], [1, 1, 1, -1, -1, 1]
    (table,) = built(tmp_path, {"baseline": {1: baseline}, "better": {1: better}})
    for metric in (NONNEGATIVE, POSITIVE):
        assert row(table, "better", metric)["p"] == Number(0.25, Style.P_VALUE)
        assert row(table, "better", metric)["p_holm"] == Number(0.5, Style.P_VALUE)
    assert "Holm's method over the 2 tests of this table" in table.notes[1].text


def test_ensembles_are_of_the_seeds_that_both_have(tmp_path):
    """The baseline's seed 2 alone would turn its mean right; the cell has seed 1 alone."""
    wrong, right = [-1, -1, -1, 1, 1, -1], [9, 9, 9, -9, -9, 9]
    (table,) = built(tmp_path, {"baseline": {1: wrong, 2: right}, "cell": {1: right}})
    found = row(table, "cell", NONNEGATIVE)
    assert found["seeds"] == Number(1, Style.INTEGER)
    assert counts(found) == [6, 6, 0]


def test_systems_that_agree_have_a_p_of_one(tmp_path):
    (table,) = built(tmp_path, {"baseline": {1: LABELS}, "same": {1: LABELS}})
    assert row(table, "same", POSITIVE)["p"] == Number(1.0, Style.P_VALUE)


@pytest.mark.parametrize(
    ("seeds", "why"),
    [
        ({2: LABELS}, "no common seed"),
        ({1: LABELS[:4]}, "other utterances"),
        ({1: [np.nan, *LABELS[1:]]}, "undefined"),
        ({1: []}, "no predictions"),
        ({}, "missing"),
    ],
)
def test_a_cell_that_cannot_be_tested_says_why(tmp_path, seeds, why):
    cells = {"baseline": {1: LABELS}, "same": {1: LABELS}, "other": seeds}
    (table,) = built(tmp_path, cells)
    assert set(list(row(table, "other", POSITIVE).values())[2:]) == {Missing(why)}


@pytest.mark.parametrize("cells", [{}, {"other": {}}])
def test_without_a_pair_of_predictions_there_is_no_table(tmp_path, cells):
    assert built(tmp_path, {"baseline": {1: LABELS}, **cells}) == ()
