import math

import pytest

from reports.content.table import Dual, Estimate, Interval, Missing, Number, Spread, Style, Text
from reports.render.cell_text import cell_text, number_text
from reports.statistics import Summary, summarise


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Text("remove MRM"), "remove MRM"),
        (Missing("missing"), "missing"),
        (Number(12, Style.INTEGER), "12"),
        (Number(0.70349, Style.SCORE), "0.703"),
        (Number(0.844, Style.PERCENT), "84.4"),
        (Number(0.0123, Style.PERCENT, signed=True), "+1.2"),
        (Number(-0.0123, Style.SCORE, signed=True), "-0.012"),
        (Number(3.14159e-5, Style.GENERAL), "3.142e-05"),
        (Number(24.04, Style.SECONDS), "24.0"),
        (Number(0.31234, Style.SECONDS), "0.312"),
        (Number(0.0625, Style.P_VALUE), "0.063"),
        (Number(1.0, Style.P_VALUE), "1.000"),
        (Number(0.001, Style.P_VALUE), "0.001"),
        (Number(0.0009, Style.P_VALUE), "< 0.001"),
        (Number(math.nan, Style.SCORE), "undefined"),
        (Spread(Summary(0.811, 5, deviation=0.0052), Style.PERCENT), "81.1 ± 0.5"),
        (Spread(Summary(0.811, 1), Style.PERCENT), "81.1"),
        (Spread(Summary(0.1, 2, deviation=0.05), Style.SCORE, signed=True), "+0.100 ± 0.050"),
        (Interval(Summary(1, 2, deviation=0.1, low=0.9, high=1.1), Style.SCORE), "[0.900, 1.100]"),
        (
            Estimate(Summary(1, 3, deviation=0.1, low=0.9, high=1.1), Style.SCORE),
            "1.000 [0.900, 1.100]",
        ),
        (Estimate(Summary(1, 2, deviation=0.1), Style.SCORE), "1.000"),
        (
            Estimate(
                Summary(0.1, 3, deviation=0.1, low=-0.05, high=0.25), Style.SCORE, signed=True
            ),
            "+0.100 [-0.050, +0.250]",
        ),
        (Dual(Number(0.811, Style.PERCENT), Number(0.829, Style.PERCENT)), "81.1 / 82.9"),
    ],
)
def test_a_cell_is_written_in_its_style(cell, expected):
    assert cell_text(cell) == expected


@pytest.mark.parametrize("kind", [Spread, Estimate, Interval])
def test_what_an_undefined_value_makes_undefined_is_said_once(kind):
    assert cell_text(kind(summarise([0.9, math.nan, 0.8]), Style.SCORE)) == "undefined"


def test_every_style_can_be_written():
    assert all(number_text(1.0, style) for style in Style)
