import pytest

from reports.content.table import Dual, Missing, Number, Style
from reports.ledger.reading.load import load_results
from reports.ledger.schema import METRICS as COLUMNS
from reports.tables.metrics import METRIC_SETS, both_ways, metrics_of, number
from sugrm.metrics import METRIC_NAMES
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

MOSI = METRIC_SETS["mosi"]


@pytest.mark.parametrize("kind", METRIC_NAMES)
def test_every_metric_of_a_dataset_but_the_loss_is_shown(kind):
    assert {metric.name for metric in METRIC_SETS[kind].shown} == {*METRIC_NAMES[kind]} - {"loss"}


@pytest.mark.parametrize("kind", METRIC_SETS)
def test_every_metric_of_a_kind_has_a_column_and_no_other_has(kind):
    drawn = []
    METRIC_SETS[kind].cells(lambda metric, style: drawn.append((metric, style)) or Missing())
    assert sorted(drawn) == sorted((m.name, m.style) for m in METRIC_SETS[kind].shown)


def test_columns_and_cells_go_together():
    values = {name: place / 10 for place, name in enumerate(COLUMNS)}
    cells = MOSI.cells(lambda metric, style: number(values, metric, style=style))
    by_name = dict(zip((column.name for column in MOSI.columns()), cells, strict=True))
    assert by_name["mae"] == Number(0.1, Style.SCORE)
    assert by_name["acc7"] == Number(0.8, Style.PERCENT)
    assert by_name["f1"] == Dual(Number(0.5, Style.PERCENT), Number(0.6, Style.PERCENT))


@pytest.mark.parametrize(
    ("kind", "titles", "tested"),
    [
        ("mosi", "MAE Acc-2 Corr F1 Acc-5 Acc-7", ["mae", "corr", "acc2_negative_positive"]),
        ("sims", "MAE Acc-2 Corr F1 Acc-3 Acc-5", ["mae", "corr", "acc2_sims"]),
        ("regression", "MAE Corr", ["mae", "corr"]),
    ],
)
def test_each_kind_has_its_titles_and_its_tested_metrics(kind, titles, tested):
    metrics = METRIC_SETS[kind]
    assert [column.title for column in metrics.columns("test_", "test ")] == [
        f"test {title}" for title in titles.split()
    ]
    assert [metric.name for metric in metrics.tested] == tested


def test_the_metrics_of_a_run_are_those_of_its_trials(tmp_path):
    assert metrics_of(load_results(tiny_run(tmp_path / "mosi"))) is MOSI
    builder = LedgerBuilder(tmp_path / "sims", "sims")
    builder.searched(0)
    space = {**SPACE, "data": {"dataset": "sims"}}
    assert metrics_of(load_results(builder.write(space))) is METRIC_SETS["sims"]


def test_a_metric_missing_both_ways_is_missing_once():
    assert both_ways(lambda *_: Missing(), "acc2") == Missing()


def test_a_metric_missing_one_way_keeps_the_other():
    cell = both_ways(
        lambda metric, style: number({"acc2_negative_positive": 0.8}, metric, style=style), "acc2"
    )
    assert cell == Dual(Missing(), Number(0.8, Style.PERCENT))
