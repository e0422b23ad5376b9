from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reports.content.table import Column, Missing, Note, Number, Style, Table, Text
from reports.content.visible import one_line, visible_lines
from reports.render.markdown import code, escape, markdown_table


class Cells(HTMLParser):
    """The rows of a table, as a browser would show their text."""

    def __init__(self):
        super().__init__()
        self.rows = []
        self.tags = set()
        self.in_cell = False

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True
        if tag == "br":
            self.handle_data("\n")

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data


def shown(markdown):
    """Render Markdown by another implementation and return its cells."""
    cells = Cells()
    cells.feed(MarkdownIt("commonmark").enable("table").render(markdown))
    cells.close()
    return cells


def table_of(*texts, code=False):
    columns = (Column("first", "first", is_text=True), Column("last", "last"))
    rows = tuple((Text(text, code), Number(1, Style.INTEGER)) for text in texts)
    return Table(name="any", title="Any", columns=columns, rows=rows)


HOSTILE = st.text(st.sampled_from("ab1 |\\`*_~<>[]()!&;#-\n\t$"), max_size=20) | st.text(
    max_size=20
)


@pytest.mark.slow
@given(HOSTILE, HOSTILE)
@example("a|b", "\\|")
@example("`|`", "``\\")
@example("<script>alert(1)</script>", "<br>&amp;&#124;")
@example("[x](http://y) ![z](w)", "*a* _b_ ~~c~~")
def test_any_text_is_shown_as_it_is_within_its_cell(first, second):
    cells = shown(markdown_table(table_of(first, second)))
    expected = [
        ["\n".join(line.strip() for line in visible_lines(text).split("\n")).strip(), "1"]
        for text in (first, second)
    ]
    found = [
        ["\n".join(line.strip() for line in cell.split("\n")).strip() for cell in row]
        for row in cells.rows[1:]
    ]
    assert found == expected
    assert cells.tags <= {"h2", "table", "thead", "tbody", "tr", "th", "td", "br"}


@pytest.mark.slow
@given(HOSTILE)
@example("a | b `c` \\| d")
@example("`")
def test_any_command_is_shown_as_it_is_within_its_cell(command):
    cells = shown(markdown_table(table_of(command, code=True)))
    assert [row[1] for row in cells.rows] == ["last", "1"]
    assert cells.rows[1][0].strip() == one_line(command).strip()


@pytest.mark.slow
@given(HOSTILE)
def test_titles_and_notes_cannot_leave_their_line(text):
    table = Table(
        name=text,
        title=f"Ablation: {text}",
        columns=(Column("a", text),),
        rows=(),
        notes=(Note(f"About {text}", text),),
    )
    cells = shown(markdown_table(table))
    assert len(cells.rows) == 1
    assert cells.tags <= {"h2", "table", "thead", "tr", "th", "br", "ul", "li", "code"}


def test_columns_line_up_as_plain_text():
    table = Table(
        name="scores",
        title="Scores",
        columns=(Column("name", "name", is_text=True), Column("mae", "MAE")),
        rows=((Text("SUGRM"), Number(0.7, Style.SCORE)), (Text("|"), Missing())),
        notes=(Note("Fill with:", "run x"),),
    )
    assert markdown_table(table) == "\n".join(
        [
            "## Scores",
            "",
            "| name  |   MAE |",
            "| ----- | ----: |",
            "| SUGRM | 0.700 |",
            "| \\|    |     - |",
            "",
            "- Fill with: `run x`",
        ]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a `b` c", "``a `b` c``"), ("`", "`` ` ``"), ("a|b", "`a|b`"), ("", "")],
)
def test_a_code_span_is_fenced_past_its_own_backticks(text, expected):
    assert code(text) == expected


@pytest.mark.parametrize(
    "text", ["# title", "- item", "+ item", "1. item", "12) item", "---", "===", "  # title", "1.5"]
)
def test_a_note_begins_no_heading_and_no_list_of_its_own(text):
    table = Table(name="a", title="A", columns=(Column("a", "a"),), rows=(), notes=(Note(text),))
    html = MarkdownIt("commonmark").enable("table").render(markdown_table(table))
    assert f"<li>{text.strip()}</li>" in html


def test_an_address_becomes_no_link():
    """GitHub links ``https://`` and ``www.`` in plain text, unless a character is escaped."""
    shown = escape("see https://x.example or WWW.x.example or ftp://y")
    assert shown == r"see https\://x.example or WWW\.x.example or ftp\://y"
    html = MarkdownIt("commonmark").render(shown)
    assert html == "<p>see https://x.example or WWW.x.example or ftp://y</p>\n"
