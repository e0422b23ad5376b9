from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.content.table import Column, Note, Number, Style, Table, Text
from reports.render.terminal import terminal_table


def numbered(rows=1, columns=2):
    return Table(
        name="t",
        title="Scores",
        columns=tuple(Column(f"c{place}", f"column{place}") for place in range(columns)),
        rows=tuple(
            tuple(Number(row, Style.INTEGER) for _ in range(columns)) for row in range(rows)
        ),
    )


def test_columns_line_up():
    table = Table(
        name="t",
        title="Scores",
        columns=(Column("name", "name", is_text=True), Column("mae", "MAE")),
        rows=((Text("SUGRM"), Number(0.7, Style.SCORE)),),
        notes=(Note("Fill with:", "run x"),),
    )
    assert terminal_table(table).splitlines() == [
        "Scores",
        "======",
        "name     MAE",
        "-----  -----",
        "SUGRM  0.700",
        "- Fill with:",
        "    run x",
    ]


def test_columns_that_do_not_fit_are_named_below():
    lines = terminal_table(numbered(columns=10), width=80).splitlines()
    assert lines[2] == "  ".join(f"column{place}" for place in range(9))
    assert lines[5:] == ["- Only in the written report: the column column9."]
    lines = terminal_table(numbered(columns=11), width=80).splitlines()
    assert lines[5:] == ["- Only in the written report: the columns column9, column10."]


def test_on_a_narrow_terminal_each_value_stands_behind_its_title():
    table = Table(
        name="t",
        title="Scores over several seeds",
        columns=(
            Column("name", "name", is_text=True),
            Column("n", "n"),
            Column("mae", "mean error of all"),
        ),
        rows=((Text("SUGRM"), Number(3, Style.INTEGER), Number(0.7, Style.SCORE)),),
    )
    assert terminal_table(table, width=20).splitlines() == [
        "Scores over several",
        "seeds",
        "===================",
        "name SUGRM",
        "  n         3",
        "  mean      0.700",
        "  error of",
        "  all",
    ]


@pytest.mark.slow
@given(st.integers(1, 8), st.integers(20, 79))
def test_no_value_is_dropped_and_no_line_is_too_long_on_a_narrow_terminal(columns, width):
    heads = tuple(Column(f"c{place}", f"a long title {place}") for place in range(columns))
    row = tuple(Text(f"value-{place}") for place in range(columns))
    text = terminal_table(Table(name="t", title="T", columns=heads, rows=(row,)), width)
    assert all(f"value-{place}" in text for place in range(columns))
    assert max(map(len, text.splitlines())) <= width


def test_a_table_that_folds_goes_on_below_with_its_first_column():
    lines = terminal_table(replace(numbered(columns=6), folds=True), width=28).splitlines()
    assert lines[2:] == [
        "column0  column1  column2",
        "-------  -------  -------",
        "      0        0        0",
        "",
        "column0  column3  column4",
        "-------  -------  -------",
        "      0        0        0",
        "",
        "column0  column5",
        "-------  -------",
        "      0        0",
    ]


def test_a_wide_first_column_leaves_room_for_the_others():
    columns = tuple(Column(name, name, is_text=True) for name in ("name", "mae", "corr"))
    row = (Text("x" * 60), Text("0.700"), Text("0.800"))
    lines = terminal_table(
        Table(name="t", title="Scores", columns=columns, rows=(row,), folds=True), 40
    ).splitlines()
    assert lines[2:] == [
        "name                  mae    corr",
        "--------------------  -----  -----",
        "xxxxxxxxxxxxxxxxxxxx  0.700  0.800",
        *["xxxxxxxxxxxxxxxxxxxx"] * 2,
    ]


def test_a_long_table_is_cut():
    lines = terminal_table(numbered(rows=40)).splitlines()
    assert lines[4 + 15] == "- Only in the written report: rows 16 to 40."


def test_a_long_text_in_the_last_column_wraps():
    table = Table(
        name="t",
        title="Failures",
        columns=(Column("n", "n"), Column("message", "message", is_text=True)),
        rows=((Number(1, Style.INTEGER), Text("word " * 20)),),
    )
    lines = terminal_table(table, width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert "\n".join(lines).count("word") == 20


@given(st.text(max_size=60), st.integers(0, 60))
@example(" ", 1)
def test_no_text_reaches_the_terminal_as_a_control_sequence(text, width):
    table = Table(
        name="t",
        title=text,
        columns=(Column("a", text, is_text=True),),
        rows=((Text(text),),),
        notes=(Note(text, text),),
    )
    assert all(line.isprintable() for line in terminal_table(table, width).split("\n"))


def test_a_single_row_or_column_left_out_is_not_called_several():
    columns = tuple(Column(f"column{n}", f"column{n}" * 5) for n in range(3))
    row = tuple(Number(1, Style.INTEGER) for _ in columns)
    text = terminal_table(Table(name="t", title="T", columns=columns, rows=(row,) * 16), width=80)
    assert "- Only in the written report: row 16; the column " + "column2" * 5 + "." in " ".join(
        text.split()
    )


def test_every_column_that_names_a_row_is_in_every_part_of_a_table():
    """Only the metric differs in the three rows of a cell."""
    names = ("cell", "test metric")
    metrics = ("MAE", "Corr", "Acc-2 negative / non-negative")
    table = Table(
        name="t",
        title="Tests",
        columns=(
            *(Column(name, name, is_text=True) for name in names),
            *(Column(f"c{n}", f"a long heading {n}") for n in range(6)),
        ),
        rows=tuple(
            (Text("text only"), Text(metric), *(Number(n, Style.INTEGER) for n in range(6)))
            for metric in metrics
        ),
        folds=True,
    )
    for width in (60, 80):
        text = terminal_table(table, width)
        parts = text.split("\n\n")
        assert len(parts) > 1
        assert all("test metric" in part for part in parts)
        assert all(metric in part for part in parts for metric in metrics[:2])
        assert all(len(line) <= width for line in text.splitlines())
