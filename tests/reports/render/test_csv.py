import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.content.table import (
    Column,
    Dual,
    Interval,
    Missing,
    Number,
    Spread,
    Style,
    Table,
    Text,
)
from reports.content.visible import visible_lines
from reports.render.csv import csv_table
from reports.statistics import Summary


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_numbers_keep_their_full_precision_and_shares_stay_fractions():
    value = 0.1 + 0.2
    table = Table(
        name="t",
        title="T",
        columns=(Column("acc2", "Acc-2"),),
        rows=((Number(value, Style.PERCENT),),),
    )
    assert float(read(csv_table(table))[0]["acc2"]) == value


def test_a_dual_spread_fills_a_field_for_each_number():
    both = Dual(
        Spread(Summary(0.8, 2, deviation=0.01), Style.PERCENT),
        Spread(Summary(0.9, 1), Style.PERCENT),
    )
    table = Table(
        name="t", title="T", columns=(Column("acc2", "Acc-2"),), rows=((both,), (Missing(),))
    )
    first, second = read(csv_table(table))
    assert first == {
        "acc2_negative_nonnegative": "0.8",
        "acc2_negative_nonnegative_std": "0.01",
        "acc2_negative_nonnegative_n": "2",
        "acc2_negative_positive": "0.9",
        "acc2_negative_positive_std": "",
        "acc2_negative_positive_n": "1",
    }
    assert set(second.values()) == {""}


def test_an_interval_fills_its_two_ends():
    cell = Interval(Summary(1, 2, deviation=0.1, low=0.9, high=1.1), Style.SCORE)
    table = Table(name="t", title="T", columns=(Column("mae", "MAE"),), rows=((cell,),))
    assert read(csv_table(table)) == [{"mae_low": "0.9", "mae_high": "1.1"}]


def test_a_column_without_values_keeps_its_heading():
    table = Table(
        name="t",
        title="T",
        columns=(Column("a", "A"), Column("b", "B")),
        rows=((Text("x"), Missing()),),
    )
    assert csv_table(table) == "a,b\nx,\n"


@pytest.mark.slow
@given(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r")))
def test_any_text_is_read_back_what_cannot_be_seen_as_its_escape(text):
    table = Table(
        name="t",
        title="T",
        columns=(Column("a", "A"), Column("b", "B")),
        rows=((Text(text), Text("end")),),
    )
    (row,) = read(csv_table(table))
    assert row["b"] == "end"
    shown = visible_lines(text)
    assert row["a"] in (shown, f"'{shown}")


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x.example","y")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        " =1",
        "\N{FULLWIDTH EQUALS SIGN}1",
        "- MRM",
    ],
)
def test_no_text_begins_as_a_formula_of_a_spreadsheet(text):
    table = Table(
        name="t", title="T", columns=(Column(text, "A", is_text=True),), rows=((Text(text),),)
    )
    assert read(csv_table(table)) == [{f"'{text}": f"'{text}"}]


@pytest.mark.parametrize("text", ["\t=1", "red \x1b[31m", "\u202e", "\r", "\udcff"])
def test_no_control_character_is_written_raw(text):
    table = Table(
        name="t", title="T", columns=(Column(text, "A", is_text=True),), rows=((Text(text),),)
    )
    shown = text.encode("unicode_escape").decode()
    assert csv_table(table) == f"{shown}\n{shown}\n"


@pytest.mark.parametrize("text", ["-0.5", "+3", "-1e-5", "-inf", "a-b", "1=2", ""])
def test_a_number_in_words_and_any_other_text_stay_as_they_are(text):
    table = Table(
        name="t",
        title="T",
        columns=(Column("a", "A"), Column("b", "B")),
        rows=((Text(text), Text("end")),),
    )
    assert read(csv_table(table))[0]["a"] == text
