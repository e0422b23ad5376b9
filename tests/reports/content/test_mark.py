"""The columns of a mark have one length."""

import pytest

from reports.content.mark import Band, Bars, Intervals, Line, Rule, Texts, Tiles, column_lengths


@pytest.mark.parametrize(
    ("mark", "lengths"),
    [
        (Line(x=[1, 2], y=[3, 4], hover=["a", "b"]), {2}),
        (Line(x=[1, 2], y=[3, 4], hover=["a"]), {1, 2}),
        (Intervals(x=[1], y=[1], low=[0], high=[2]), {1}),
        (Intervals(x=[1], y=[1], low=[0], high=[2], hover=["a", "b"]), {1, 2}),
        (Band(x=[1, 2], low=[0, 0], high=[1]), {1, 2}),
        (Bars(positions=[0, 1, 2], lengths=[1, 1, 1]), {3}),
        (Texts(x=[1], y=[1], texts=["a"]), {1}),
        (Rule(x=1.0), set()),
    ],
)
def test_the_lengths_of_the_columns_of_a_mark(mark, lengths):
    assert column_lengths(mark) == lengths


def test_a_matrix_has_rows_of_one_length_with_a_text_for_each_value():
    assert column_lengths(Tiles(values=[[1, 2], [3, 4]], texts=[["1", "2"], ["3", "4"]])) == {2}
    assert len(column_lengths(Tiles(values=[[1, 2]], texts=[["1"]]))) > 1
