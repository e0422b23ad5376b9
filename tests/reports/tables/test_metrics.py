from reports.content.table import Dual, Missing, Number, Style
from reports.ledger.schema import METRICS
from reports.tables.metrics import SHOWN, both_ways, metric_cells, metric_columns, number
from sugrm.metrics import METRIC_NAMES


def test_every_metric_of_mosi_but_the_loss_is_shown():
    assert {metric.name for metric in SHOWN} == set(METRIC_NAMES["mosi"]) - {"loss"}


def test_columns_and_cells_go_together():
    values = {name: place / 10 for place, name in enumerate(METRICS)}
    cells = metric_cells(lambda metric, style: number(values, metric, style=style))
    by_name = dict(zip((column.name for column in metric_columns()), cells, strict=True))
    assert by_name["mae"] == Number(0.1, Style.SCORE)
    assert by_name["acc7"] == Number(0.8, Style.PERCENT)
    assert by_name["f1"] == Dual(Number(0.5, Style.PERCENT), Number(0.6, Style.PERCENT))


def test_a_metric_missing_both_ways_is_missing_once():
    assert both_ways(lambda *_: Missing(), "acc2") == Missing()


def test_a_metric_missing_one_way_keeps_the_other():
    cell = both_ways(
        lambda metric, style: number({"acc2_negative_positive": 0.8}, metric, style=style), "acc2"
    )
    assert cell == Dual(Missing(), Number(0.8, Style.PERCENT))
