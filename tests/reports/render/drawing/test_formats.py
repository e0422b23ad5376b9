"""Whatever a figure holds is drawn: as a file, as a picture and inside a page."""

import math
import re
import struct
from html import escape
from xml.etree import ElementTree

import matplotlib as mpl
import pytest

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Band, Bars, Intervals, Line, Look, Points, Rule, Texts, Tiles
from reports.render.drawing import draw_inline_svg, draw_png, draw_svg
from reports.render.drawing.canvas import composed
from reports.render.drawing.style import INK

HOSTILE = '<script>alert(1)</script> ]]> $x_1$ & "\u202e" \x00 \ud800 _name 漢字'
SEEN = r'<script>alert(1)</script> ]]> $x_1$ & "\u202e" \x00 \ud800 _name 漢字'

MARKS = {
    "line": Line(x=[1, 2, 3], y=[1, math.nan, 2], series="a", hover=["l1", "l2", "l3"]),
    "markers": Line(x=[1, 2], y=[1, 2], series="a", dashed=True, markers=True, look=Look.FAINT),
    "points": Points(x=[1, 2], y=[3, 4], series="a", marker="cross", hover=["p1", "p2"]),
    "intervals": Intervals(
        x=[1, 2], y=[1, 2], low=[0, math.nan], high=[2, 3], series="a", hover=["i1", "i2"]
    ),
    "horizontal": Intervals(x=[1], y=[0], low=[0], high=[2], horizontal=True, hover=["h1"]),
    "band": Band(x=[1, 2, 3], low=[0, 0, math.nan], high=[1, 1, 1], series="a"),
    "bars": Bars(positions=[0, 1], lengths=[1, -2], series="a", hover=["b1", "b2"]),
    "lying": Bars(positions=[0], lengths=[1], horizontal=True, hover=["y1"]),
    "tiles": Tiles(
        values=[[1, -0.5], [0, math.nan]],
        texts=[["1", "-.5"], ["0", "-"]],
        hover=[["t1", "t2"], ["t3", "t4"]],
    ),
    "rules": Rule(x=1, text="rung"),
    "level": Rule(y=1, text="level"),
    "diagonal": Rule(diagonal=True, text="even"),
    "texts": Texts(x=[1, 1, 1], y=[1, 2, 3], texts=["low", "$b$", "high"], side="above"),
    "nothing": Line(x=[], y=[], series="a"),
    "undefined": Points(x=[math.nan, 1], y=[1, math.inf], hover=["n1", "n2"]),
}
UNSEEN = {"l2", "n1", "n2"}  # hover texts of points without a place


def figure(*marks, name="shown", title="Title", x=None, y=None, panels=1, **values) -> Figure:
    panel = Panel(x=x or Axis(title="across"), y=y or Axis(title="up"), marks=marks, title="panel")
    return Figure(name=name, title=title, summary="It rises.", panels=(panel,) * panels, **values)


def tree(svg):
    """Return the root, its tags without their namespace, and every text."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root, [element.text for element in root.iter() if element.text]


def hovers(root):
    return [element.get("data-hover") for element in root.iter() if element.get("data-hover")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", MARKS)
def test_every_kind_of_mark_is_drawn_with_its_hover_texts(kind):
    mark = MARKS[kind]
    root, texts = tree(draw_inline_svg(figure(mark)))
    given = getattr(mark, "hover", ())
    flat = [text for row in given for text in row] if kind == "tiles" else list(given)
    assert hovers(root) == [text for text in flat if text not in UNSEEN]
    assert {"across", "up", "panel"} <= set(texts)
    written = [*getattr(mark, "texts", ())] if kind != "tiles" else ["1", "-.5", "0", "-"]
    written += [mark.text] if isinstance(mark, Rule) else []
    assert set(written) <= set(texts)


@pytest.mark.slow
def test_a_hover_text_lies_on_its_point():
    """Points at both ends of each axis: two corners of the axes, up to the limits' margin."""
    points = Points(x=[0, 10], y=[0, 5], hover=["first", "last"])
    shown = figure(points, x=Axis(low=0, high=10), y=Axis(low=0, high=5))
    root, _ = tree(draw_inline_svg(shown))
    first, last = (element for element in root.iter() if element.get("data-hover"))
    axes = next(element for element in root.iter("clipPath"))[0]
    left, top, width, height = (float(axes.get(name)) for name in ("x", "y", "width", "height"))
    assert (float(first.get("cx")), float(first.get("cy"))) == pytest.approx(
        (left, top + height), abs=0.1
    )
    assert (float(last.get("cx")), float(last.get("cy"))) == pytest.approx(
        (left + width, top), abs=0.1
    )


def test_a_hover_text_covers_its_bar():
    bars = Bars(positions=[0, 1], lengths=[1, 2], width=0.5, hover=["small", "great"])
    shown = figure(bars, x=Axis(low=-0.5, high=1.5), y=Axis(low=0, high=2))
    small, great = (
        each for each in tree(draw_inline_svg(shown))[0].iter() if each.get("data-hover")
    )
    assert float(great.get("height")) == pytest.approx(2 * float(small.get("height")), abs=0.2)
    assert great.get("width") == small.get("width")
    apart = float(great.get("x")) - float(small.get("x"))
    assert apart == pytest.approx(2 * float(small.get("width")), abs=0.2)


@pytest.mark.slow
def test_hostile_text_is_shown_as_it_is():
    """No mathematics, no mark-up; what cannot be seen is written as its code."""
    shown = figure(
        Points(x=[1], y=[1], series=HOSTILE, hover=[HOSTILE]),
        Rule(y=1, text=HOSTILE),
        title=HOSTILE,
        x=Axis(title=HOSTILE, categories=[HOSTILE, "b"]),
        notes=(HOSTILE,),
    )
    for svg in (draw_svg(shown), draw_inline_svg(shown)):
        root, texts = tree(svg)
        assert not list(root.iter("script"))
        assert texts[0] == SEEN
        assert any(text.startswith("<script>") for text in texts[2:])
    assert hovers(root) == [SEEN]
    assert draw_png(shown)


def test_a_dollar_begins_no_mathematics():
    _, texts = tree(draw_svg(figure(title="$\\frac{1}{2$", notes=("_a $b$",))))
    assert {"$\\frac{1}{2$", "_a $b$"} <= set(texts)


@pytest.mark.slow
def test_the_same_figure_gives_the_same_bytes():
    shown = figure(*(mark for kind, mark in MARKS.items() if kind != "tiles"))
    assert draw_svg(shown) == draw_svg(shown)
    assert draw_inline_svg(shown) == draw_inline_svg(shown)
    assert draw_png(shown) == draw_png(shown)


@pytest.mark.slow
def test_two_figures_of_a_page_share_no_id():
    lines = Line(x=[1, 2], y=[1, 2], markers=True)
    both = [draw_inline_svg(figure(lines, name=name)) for name in ("a b", "a-b")]
    first, second = (re.findall(r'\bid="([^"]+)"', svg) for svg in both)
    assert len(first) == len(set(first))
    assert not set(first) & set(second)
    for svg, own in zip(both, (first, second), strict=True):
        used = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
        named = svg.split('aria-labelledby="')[1].split('"')[0]
        assert {*used, named} <= set(own)


@pytest.mark.slow
def test_a_drawing_inside_a_page_has_the_colours_of_the_page():
    svg = draw_inline_svg(figure(*(mark for mark in MARKS.values() if not isinstance(mark, Tiles))))
    assert INK not in svg
    assert "currentColor" in svg
    assert "var(--series-1, #0072b2)" in svg
    root, _ = tree(svg)
    assert not [element for element in root.iter() if element.tag in ("style", "metadata")]
    assert root.get("width") == "100%"
    assert root.get("height") is None
    assert svg.startswith("<svg")


def test_a_drawing_names_itself_for_those_who_do_not_see_it():
    for svg in (draw_svg(figure()), draw_inline_svg(figure())):
        root, _ = tree(svg)
        assert root.get("role") == "img"
        assert [(root[at].tag, root[at].text) for at in (0, 1)] == [
            ("title", "Title"), ("desc", "It rises."),
        ]  # fmt: skip


@pytest.mark.slow
def test_title_and_notes_stand_in_files_alone():
    shown = figure(MARKS["line"], title="Heading", notes=("n = 3",))
    _, texts = tree(draw_svg(shown))
    assert {"Heading", "n = 3"} <= set(texts)
    _, inside = tree(draw_inline_svg(shown))
    assert inside.count("Heading") == 1  # its name for those who do not see it
    assert "n = 3" not in inside


@pytest.mark.slow
def test_a_picture_is_as_wide_as_a_page_of_text():
    data = draw_png(figure(MARKS["line"], panels=3, columns=2))
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    assert width == 1300  # 6.5 inches at 200 dots per inch
    assert 600 < height < 2000


def test_marks_of_one_series_have_one_entry_and_one_colour():
    root, texts = tree(
        draw_inline_svg(
            figure(
                Line(x=[1, 2], y=[1, 2], series="a"),
                Points(x=[1], y=[1], series="b"),
                Band(x=[1, 2], low=[0, 0], high=[1, 1], series="a"),
                Line(x=[1, 2], y=[2, 1], look=Look.FAINT),
            )
        )
    )
    assert (texts.count("a"), texts.count("b")) == (1, 1)
    styles = " ".join(element.get("style", "") for element in root.iter())
    assert set(re.findall(r"--series-\d", styles)) == {"--series-1", "--series-2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("axis", "values"),
    [
        (Axis(log=True), [1e-5, 1e-3]),
        (Axis(log=True), [-1.0, 0.0]),
        (Axis(log=True, low=0.0, high=10.0), [1.0, 5.0]),
        (Axis(low=1.0, high=1.0), [1.0, 1.0]),
        (Axis(low=2.0, high=1.0), [1.0, 2.0]),
        (Axis(reverse=True, categories=["a", "b"]), [0.0, 1.0]),
        (Axis(categories=[f"a long category {n}" for n in range(90)]), [0.0, 89.0]),
        (Axis(bare=True), [0.0, 1e300]),
    ],
)
def test_axes_of_every_kind_are_drawn(axis, values):
    for x, y in ((axis, None), (None, axis)):
        points = Points(x=values, y=values) if x is None else Points(x=values, y=[1, 2])
        root, _ = tree(draw_inline_svg(figure(points, x=x, y=y)))
        assert root.tag == "svg"


@pytest.mark.slow
def test_a_logarithmic_axis_writes_plain_numbers():
    shown = figure(Points(x=[1e-5, 1e-2], y=[1, 2]), x=Axis(log=True))
    _, texts = tree(draw_inline_svg(shown))
    assert {"1e-5", "0.001"} <= set(texts)


@pytest.mark.slow
def test_a_narrow_logarithmic_axis_labels_each_of_three_decades():
    shown = figure(Points(x=[1e-6, 1e-3], y=[1, 2]), x=Axis(log=True), panels=3, columns=3)
    _, texts = tree(draw_inline_svg(shown))
    assert {"1e-6", "1e-5", "0.0001", "0.001"} <= set(texts)


@pytest.mark.slow
def test_a_long_title_of_an_axis_keeps_to_its_panel():
    title = "x" * 80
    shown = figure(Points(x=[1, 2], y=[1, 2]), x=Axis(title=title), panels=3, columns=3)
    with composed(shown, captions=False) as drawn:
        drawn.svg()
        right = max(axes.xaxis.label.get_window_extent().x1 for axes in drawn.axes)
        assert right <= drawn.canvas.bbox.x1


def test_a_power_of_ten_stands_at_its_tick():
    """Beside the axis it would lie on the texts of rules."""
    _, texts = tree(draw_inline_svg(figure(Points(x=[1, 2], y=[0.0, 1e7]))))
    assert {"2e6", "1e7"} <= set(texts)


def test_a_reversed_axis_has_its_first_category_on_top():
    bars = Bars(positions=[0, 1], lengths=[1, 1], horizontal=True, hover=["first", "second"])
    tops = {}
    for reverse in (True, False):
        shown = figure(bars, y=Axis(categories=["a", "b"], reverse=reverse))
        root, _ = tree(draw_inline_svg(shown))
        tops[reverse] = [float(e.get("y")) for e in root.iter() if e.get("data-hover")]
    assert tops[True][0] < tops[True][1]
    assert tops[False][0] > tops[False][1]


def test_rows_of_tiles_begin_on_top():
    tiles = Tiles(values=[[1], [2]], texts=[["a"], ["b"]], hover=[["upper"], ["lower"]])
    root, _ = tree(draw_inline_svg(figure(tiles)))
    upper, lower = (float(e.get("y")) for e in root.iter() if e.get("data-hover"))
    assert upper < lower


@pytest.mark.slow
def test_a_panel_without_data_says_so():
    undefined = Line(x=[1, 2], y=[math.nan, math.nan], series="a")
    for marks in ((), (MARKS["nothing"],), (Rule(x=1),), (undefined, Rule(x=1))):
        _, texts = tree(draw_svg(figure(*marks)))
        assert "no data" in texts
        assert not any(text.startswith("0.0") for text in texts)  # no scale of nothing
    _, texts = tree(draw_svg(figure(Points(x=[0], y=[0]))))
    assert "no data" not in texts


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    before = dict(mpl.rcParams)
    draw_svg(figure(MARKS["line"]))
    assert dict(mpl.rcParams) == before


@pytest.mark.slow
def test_settings_of_the_user_change_nothing():
    shown = figure(MARKS["line"])
    expected = draw_svg(shown)
    with mpl.rc_context({"font.size": 20, "text.parse_math": True, "axes.grid": True}):
        assert draw_svg(shown) == expected


@pytest.mark.slow
def test_a_figure_of_many_lines_stays_small():
    lines = [
        Line(x=range(12), y=[math.sin(n + x) for x in range(12)], look=Look.FAINT)
        for n in range(300)
    ]
    assert len(draw_inline_svg(figure(*lines))) < 150_000


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_shows_hostile_figures_without_an_error(browser, dark):
    shown = figure(*MARKS.values(), name=HOSTILE, title=HOSTILE)
    body = "".join(f"<figure>{draw_inline_svg(figure)}</figure>" for figure in (shown, figure()))
    with browser(dark=dark) as tab:
        tab.page.set_content(
            f"<!doctype html><html lang=en><title>{escape('page')}</title>"
            "<style>body { color: CanvasText; color-scheme: light dark }</style>"
            f"<main><h1>Page</h1>{body}</main>"
        )
        count = tab.page.locator("[data-hover]").count()
        assert count == len(re.findall("data-hover", body))
        colour = "el => getComputedStyle(el).fill"
        text = tab.page.locator("svg text").first.evaluate(colour)
        assert text == ("rgb(255, 255, 255)" if dark else "rgb(0, 0, 0)")
        assert tab.page.locator("script").count() == 0
        assert tab.violations() == []
        assert tab.errors == []
