"""Figures hold marks whose columns fit one another."""

import pytest

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Bars, Intervals, Line, Rule, Texts, Tiles


def figure(*marks) -> Figure:
    return Figure(
        name="f", title="F", summary="s", panels=(Panel(x=Axis(), y=Axis(), marks=marks),)
    )


def test_a_figure_takes_marks_of_even_columns():
    shown = figure(
        Line(x=[1, 2], y=[3, 4], hover=["a", "b"]),
        Bars(positions=[0], lengths=[1]),
        Rule(x=1.0),
        Tiles(values=[[1, 2], [3, 4]], texts=[["1", "2"], ["3", "4"]]),
    )
    assert len(shown.panels[0].marks) == 4


@pytest.mark.parametrize(
    "mark",
    [
        Line(x=[1, 2], y=[3]),
        Line(x=[1, 2], y=[3, 4], hover=["a"]),
        Bars(positions=[0, 1], lengths=[1]),
        Intervals(x=[1], y=[1], low=[0], high=[2, 3]),
        Tiles(values=[[1, 2], [3]], texts=[["1", "2"], ["3"]]),
        Tiles(values=[[1, 2]], texts=[["1"]]),
        Texts(x=[1, 2], y=[3, 4], texts=["a"]),
    ],
)
def test_a_mark_of_uneven_columns_is_refused(mark):
    with pytest.raises(ValueError, match="unequal length"):
        figure(mark)


def test_a_figure_without_panels_is_refused():
    with pytest.raises(ValueError, match="no panels"):
        Figure(name="f", title="F", summary="s", panels=())
