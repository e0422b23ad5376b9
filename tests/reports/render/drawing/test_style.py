import pytest

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Bars, Line, Look, Tiles
from reports.render.drawing.style import (
    CONTEXT,
    DASHES,
    MARKERS,
    PALETTE,
    Series,
    shortened,
    wrapped,
)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#14161a"])
@pytest.mark.parametrize("colour", PALETTE)
def test_every_colour_stands_out_on_light_and_dark_pages(colour, page):
    assert contrast(colour, page) >= 3


def series(*marks) -> Series:
    panel = Panel(x=Axis(), y=Axis(), marks=marks)
    return Series(Figure(name="f", title="", summary="", panels=(panel, panel)))


def test_series_are_distinguished_without_colour():
    marks = [Line(x=[1], y=[1], series=str(number)) for number in range(8)]
    known = series(*marks)
    looks = [known.style(mark) for mark in marks]
    assert len({(look.marker, look.dashes) for look in looks[: len(PALETTE)]}) == len(PALETTE)
    assert looks[7].colour == looks[0].colour
    assert looks[7].dashes != looks[0].dashes
    assert looks[7].marker != looks[0].marker  # of lines with markers, which are never dashed
    assert (len(set(MARKERS)), len(set(DASHES))) == (len(MARKERS), len(DASHES))


def test_a_faint_mark_without_a_series_is_context():
    faint = Line(x=[1], y=[1], look=Look.FAINT)
    tiles = Tiles(values=[[1]], texts=[["1"]])
    bars = Bars(positions=[0], lengths=[1])
    known = series(faint, tiles, bars)
    assert known.style(faint) is CONTEXT
    assert known.style(tiles) is CONTEXT
    assert known.style(bars).index == 0
    assert known.named == ()


def test_a_long_name_keeps_both_its_ends():
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghijk", 10) == "abcde…hijk"


def test_text_beyond_the_last_line_is_cut():
    assert wrapped("one two three", 5, lines=9) == ["one", "two", "three"]
    assert wrapped("one two three four", 5, lines=2) == ["one", "tw…ur"]
    assert wrapped("", 5, lines=2) == []


def test_wide_characters_take_two_places():
    assert wrapped("去掉模态重校准模块", 8, lines=9) == ["去掉模态", "重校准模", "块"]
    assert shortened("去掉模态重校准模块", 9) == "去掉…模块"
    assert wrapped("ab 漢字", 5, lines=2) == ["ab", "漢字"]
