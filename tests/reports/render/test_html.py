import math
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.content.table import (
    Column,
    Dual,
    Emphasis,
    Estimate,
    Interval,
    Missing,
    Note,
    Number,
    Spread,
    Style,
    Table,
    Text,
)
from reports.content.visible import visible_lines
from reports.render.html import html_table
from reports.statistics import Summary

SUMMARY = Summary(0.703456, 5, deviation=0.01, low=0.691, high=0.715)
TAGS = {
    "div",
    "table",
    "caption",
    "details",
    "summary",
    "colgroup",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "br",
    "ul",
    "li",
}
TAGS |= {"code"}
HOSTILE = st.text(st.sampled_from("ab<>&;'\"/=\\\n\t!-#x"), max_size=20) | st.text(max_size=20)


class Parsed(HTMLParser):
    """What a browser shows: the text of each element by its tag, and all attributes."""

    def __init__(self, html):
        super().__init__()
        self.texts = []
        self.attributes = []
        self.stack = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            self.handle_data("\n")
            return
        self.stack.append(len(self.texts))
        self.texts.append([tag, ""])
        self.attributes.append(dict(attributes))

    def handle_endtag(self, tag):
        assert self.texts[self.stack.pop()][0] == tag

    def handle_data(self, data):
        for place in self.stack:
            self.texts[place][1] += data

    def of(self, *tags):
        return [text for tag, text in self.texts if tag in tags]


def table_of(*rows, columns=None, notes=(), title="Any"):
    width = len(rows[0]) if rows else 1
    columns = columns or tuple(Column(f"c{n}", f"c{n}", is_text=True) for n in range(width))
    return Table(name="any", title=title, columns=columns, rows=rows, notes=notes)


def cell(value):
    """Return the HTML of one cell."""
    html = html_table(table_of((Text("row"), value)))
    return html.partition("</th><td")[2].partition("</td>")[0]


@pytest.mark.slow
@given(HOSTILE, HOSTILE)
@example("</td></table><script>window.hacked = 1</script>", "<img src=x onerror='hacked = 1'>")
@example("\u202e\u2066 \x00 \ud800", "&lt;b&gt; &#x27;")
@example("</noscript></style></script><!-- ]]>", '" onmouseover="hacked = 1')
def test_any_text_is_shown_as_it_is_wherever_it_stands(first, second):
    table = Table(
        name=second,
        title=first,
        columns=(Column(first, second, group=first), Column(second, first)),
        rows=((Text(first), Text(second, code=True)), (Missing(first), Number(1, Style.SCORE))),
        notes=(Note(first, second),),
    )
    parsed = Parsed(html_table(table))
    shown, other = visible_lines(first), visible_lines(second)
    assert parsed.of("caption") == [shown]
    assert parsed.of("td", "th")[-4:] == [shown, other, shown, "1.000"]
    assert parsed.of("li") == [f"{shown} {other}"]
    assert {tag for tag, _ in parsed.texts} <= TAGS
    names = {name for each in parsed.attributes for name in each}
    assert names <= {
        *("class", "role", "aria-label", "tabindex", "span", "colspan", "rowspan", "scope"),
        *("data-column", "data-name", "data-sort"),
    }


def test_a_row_is_one_line_whatever_its_text():
    html = html_table(table_of((Text("a\nb\r\nc\u2028d"),), (Text("e"),)))
    assert html.partition("<tbody>\n")[2].partition("\n</tbody>")[0].count("\n") == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Number(0.8444321, Style.PERCENT), "84.4"),
        (Number(0.5, Style.SCORE, emphasis=Emphasis.BEST), "<strong>0.500</strong>"),
        (Number(0.5, Style.SCORE, emphasis=Emphasis.BETTER), "<u>0.500</u>"),
        (
            Spread(SUMMARY, Style.SCORE, emphasis=Emphasis.BEST_AND_BETTER),
            "<strong><u>0.703 ± 0.010</u></strong>",
        ),
        (Estimate(SUMMARY, Style.SCORE), "0.703 [0.691, 0.715]"),
        (
            Number(0.5, Style.SCORE, verdict="worse"),
            '0.500 <span class="verdict worse">worse</span>',
        ),
        (
            Number(0.5, Style.SCORE, verdict='"><b>'),
            '0.500 <span class="verdict">&quot;&gt;&lt;b&gt;</span>',
        ),
        (Dual(Number(0.5, Style.PERCENT), Missing()), "50.0 / -"),
        (Text("run x", code=True), '<code class="command">run x</code>'),
    ],
)
def test_cells_read_as_expected(value, expected):
    assert cell(value).partition(">")[2] == expected


@pytest.mark.parametrize(
    ("value", "sort"),
    [
        (Number(0.8444321, Style.PERCENT), "0.8444321"),
        (Number(3, Style.INTEGER), "3"),
        (Number(math.inf, Style.SCORE), "Infinity"),
        (Number(-math.inf, Style.SCORE), "-Infinity"),
        (Number(math.nan, Style.SCORE), None),
        (Spread(SUMMARY, Style.SCORE), "0.703456"),
        (Interval(SUMMARY, Style.SCORE), "0.691"),
        (Dual(Missing(), Number(0.25, Style.PERCENT)), "0.25"),
        (Dual(Number(0.5, Style.PERCENT), Number(0.25, Style.PERCENT)), "0.5"),
        (Missing(), None),
        (Text("12"), None),
    ],
)
def test_cells_are_sorted_by_their_value_in_full_precision(value, sort):
    parsed = Parsed(html_table(table_of((Text("row"), value))))
    assert parsed.attributes[-1].get("data-sort") == sort


def test_groups_stand_above_their_columns_and_others_beside_them():
    columns = (
        Column("system", "system", is_text=True),
        Column("mae", "MAE", group="test"),
        Column("acc2", "Acc-2", group="test"),
    )
    html = html_table(table_of(columns=columns))
    assert '<colgroup span="1"></colgroup><colgroup span="2"></colgroup>' in html
    assert html.partition("<thead>\n")[2].partition("\n</thead>")[0].split("\n") == [
        '<tr><th scope="col" rowspan="2" class="text" data-column="0" data-name="system">system'
        '</th><th class="group" scope="colgroup" colspan="2">test</th></tr>',
        '<tr><th scope="col" data-column="1" data-name="mae">MAE</th>'
        '<th scope="col" data-column="2" data-name="acc2">Acc-2</th></tr>',
    ]


def test_a_table_of_items_has_no_heading_but_a_caption():
    columns = (Column("item", "", is_text=True), Column("value", "", is_text=True))
    html = html_table(table_of((Text("run"), Text("demo")), columns=columns, title="Summary"))
    assert "<thead>" not in html
    assert "<caption>Summary</caption>" in html
    assert '<th scope="row" class="text">run</th>' in html


def test_emphasis_is_explained_below_the_table():
    best = Number(0.5, Style.SCORE, emphasis=Emphasis.BEST)
    parsed = Parsed(html_table(table_of((best,), notes=(Note("Fill with:", "run x"),))))
    assert parsed.of("li") == [
        "Bold: the best mean of its column, ties included.",
        "Fill with: run x",
    ]
