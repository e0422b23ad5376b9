"""Characters that matplotlib's own font lacks are drawn with a font of the machine."""

import logging

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Points
from reports.render.drawing import draw_png, fonts

MISSING = "\u4e2d"  # no font of the tests' machine may have it: a fresh private family does


def figure(title, hover=("h",)) -> Figure:
    panel = Panel(x=Axis(), y=Axis(), marks=(Points(x=[1], y=[1], hover=hover),))
    return Figure(name="named", title=title, summary="", panels=(panel,))


@pytest.fixture
def no_fonts(monkeypatch):
    """A machine with matplotlib's own fonts alone."""
    own = [entry for entry in font_manager.fontManager.ttflist if entry.name == fonts.OWN]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    clear()
    yield
    clear()


def clear():
    fonts._family_with.cache_clear()
    fonts._of.cache_clear()


@pytest.fixture
def installed(no_fonts, tmp_path):
    """The same machine, with a font of one Chinese character."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 900), (900, 900), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef", "middle"])
    builder.setupCharacterMap({ord(MISSING): "middle"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "middle": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "middle": (1000, 0)})
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": "One", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "one.ttf")
    font_manager.fontManager.addfont(str(tmp_path / "one.ttf"))


def test_a_figure_has_a_second_font_only_where_it_needs_one(installed):
    assert fonts.families(figure("Δ ± 0.1")) == [fonts.OWN]
    assert fonts.families(figure(f"about {MISSING}")) == [fonts.OWN, "One"]
    assert fonts.lacking(figure(f"about {MISSING}")) == ""


@pytest.mark.slow
def test_the_second_font_draws_the_character(installed, caplog):
    with caplog.at_level(logging.WARNING):
        draw_png(figure(f"about {MISSING}"))
    assert caplog.text == ""


@pytest.mark.slow
def test_a_character_without_any_font_is_named(no_fonts, caplog):
    with caplog.at_level(logging.WARNING):
        draw_png(figure(f"about {MISSING}", hover=["\u6587 is in no picture"]))
    assert f"no installed font has {MISSING}: the PNG of figure 'named' shows boxes" in (
        caplog.text
    )
