import pytest

from reports.paper.rows.layouts import LAYOUTS
from reports.published.cells import published_row


def test_the_baseline_of_tables_3_and_8_is_sugrm_as_it_stands():
    """Their rows M,T,A,V and L1 have the values of SUGRM in Table 2."""
    sugrm = published_row("2", "mosi", row="SUGRM")
    assert sugrm == published_row("3", "mosi", row=LAYOUTS["3"].baseline_of("M,V"))
    assert sugrm == published_row("8", "mosi", row=LAYOUTS["8"].baseline_of("Huber"))


@pytest.mark.parametrize(
    ("row", "baseline"),
    [
        ("Self-MM, LSTM->SPT", "Self-MM"),
        ("SUGRM - MRM", "SUGRM"),
        ("SUGRM", "SUGRM"),
        ("text only", None),  # it changes neither
    ],
)
def test_in_table_4_each_system_has_its_own_baseline(row, baseline):
    assert LAYOUTS["4"].baseline_of(row) == baseline


def test_every_baseline_is_a_row_of_its_table():
    for layout in LAYOUTS.values():
        assert set(layout.baselines.values()) <= set(layout.rows)


def test_tables_1_and_2_differ_in_the_alignment():
    assert [layout.alignment for layout in LAYOUTS.values()] == ["aligned", *["unaligned"] * 4]
