import pytest

from reports.ledger.reading.load import load_results
from reports.results.seed_groups import ablation_cells, baseline_of
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def test_planned_cells_without_a_trial_are_there_and_missing(tmp_path):
    cells = ablation_cells(load_results(tiny_run(tmp_path / "tiny")))["modules"]
    assert [(cell.cell, cell.missing) for cell in cells] == [
        ("baseline", ()),
        ("remove MRM", (3,)),
        ("LSTM", (1, 2, 3)),
    ]


def test_seeds_of_an_earlier_setting_are_left_out_and_counted(builder):
    for seed in (1, 2):
        builder.cell("baseline", seed, 0.5, config='{"max_epochs": 1}')
    builder.cell("baseline", 3, 0.9, config='{"max_epochs": 9}')
    baseline = ablation_cells(load_results(builder.write()))["modules"][0]
    assert baseline.values("test", "mae") == {3: 0.9}
    assert baseline.missing == (1, 2)
    assert baseline.superseded == 2


def test_a_cell_whose_changes_were_edited_starts_anew(builder):
    builder.cell("LSTM", 1, 0.5, changes={"model.encoder.name": "transformer"})
    cell = ablation_cells(load_results(builder.write()))["modules"][2]
    assert cell.finished == {}
    assert cell.superseded == 1


def test_without_a_plan_the_recorded_cells_are_shown(builder):
    builder.cell("LSTM", 2, 0.5, changes={"model.encoder.name": "lstm"})
    (cell,) = ablation_cells(load_results(builder.write(space=None)))["modules"]
    assert (cell.cell, cell.planned, cell.missing) == ("LSTM", (2,), ())


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"LSTM": {"a": 1}, "plain": {}, "baseline": {"b": 2}}, "baseline"),
        ({"LSTM": {"a": 1}, "plain": {}}, "plain"),
        ({"LSTM": {"a": 1}, "GRU": {"a": 2}}, "LSTM"),
    ],
)
def test_the_baseline_is_found_by_name_then_by_having_no_change(builder, cells, expected):
    space = {**SPACE, "ablations": {"group": cells}}
    results = load_results(builder.write(space))
    assert baseline_of(results, ablation_cells(results)["group"]).cell == expected


def test_a_space_may_name_the_baseline(builder):
    cells = {"text only": {"a": 1}, "Self-MM": {"a": 2}, "baseline": {}}
    space = {**SPACE, "ablations": {"group": cells}, "baselines": {"group": "Self-MM"}}
    results = load_results(builder.write(space))
    assert baseline_of(results, ablation_cells(results)["group"]).cell == "Self-MM"
