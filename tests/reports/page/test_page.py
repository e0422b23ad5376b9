import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reports.content.overview import Overview, Section
from reports.content.table import Column, Note, Table, Text
from reports.content.visible import visible_lines
from reports.page import Page, page_text
from tests.reports.page.pages import COMMAND, HOSTILE, figure, hostile_page

_VOID = {"meta", "link", "br", "input"}
_LOADING = {"src", "srcset", "href", "data", "action", "formaction", "poster", "xlink:href"}


class Parsed(HTMLParser):
    """The text that a page shows, its tags and attributes."""

    def __init__(self, html):
        super().__init__()
        self.text = ""
        self.tags = set()
        self.attributes = []
        self.open = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag not in _VOID:
            self.open.append(tag)
        elif tag == "br":
            self.text += "\n"

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script", "title"):
            self.text += data


def full_of(text):
    """Return a page whose every free text is ``text``."""
    columns = (Column(text, text, is_text=True), Column(text, text, is_text=True))
    table = Table(
        name=text,
        title=text,
        columns=columns,
        rows=((Text(text), Text(text)),),
        notes=(Note(text, text),),
    )
    return Page(
        title=text,
        overview=Overview(
            title=text,
            sections=(
                Section(name="scores", title=text, notes=(Note(text, text),)),
                Section(name="next", title=text, table=table, notes=(Note(text, text),)),
            ),
        ),
        key_numbers=table,
        summary=table,
        tables=(table,),
        trials=table,
        figures=(figure([text]),),
        provenance=((text, text),),
        command=text,
    )


@pytest.mark.slow
@settings(max_examples=20)  # a page takes a while; the cells have a test of their own
@given(st.text(max_size=20))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[5])
def test_any_text_is_shown_in_its_place(text):
    plain, parsed = (Parsed(page_text(full_of(f"⟦{each}⟧"))) for each in ("plain", text))
    assert parsed.open == []
    assert parsed.tags <= plain.tags | {"br"}
    assert {name for name, _ in parsed.attributes} == {name for name, _ in plain.attributes}
    shown = visible_lines(f"⟦{text}⟧")
    assert parsed.text.count(shown) == plain.text.count("⟦plain⟧") > 20


def test_nothing_is_loaded():
    html = page_text(hostile_page())
    values = [value for name, value in Parsed(html).attributes if name in _LOADING]
    assert [value for value in values if not value.startswith(("#", "data:"))] == []
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    script = html.partition("<script>")[2].partition("</script>")[0]
    assert not re.search(r"https?:|fetch|XMLHttpRequest|import\(", script)


def test_the_policy_lets_the_script_of_the_page_run_alone():
    html = page_text(hostile_page())
    script = html.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policies = [v for _, v in Parsed(html).attributes if v and v.startswith("default-src")]
    assert policies == [
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    ]


def test_a_page_without_parts_has_no_headings_for_them():
    summary = Table(
        name="summary", title="Summary", columns=(Column("a", ""),), rows=((Text("x"),),)
    )
    html = page_text(Page(title="bare", summary=summary, command=COMMAND))
    assert 'id="figures"' not in html
    assert 'id="tables"' not in html
    assert 'id="trials"' not in html
    assert "sugrm-search run &#x27;spaces/demo  &amp; co.yaml&#x27;" in html


def test_the_same_page_has_the_same_bytes():
    assert page_text(hostile_page()) == page_text(hostile_page())


def test_what_is_no_svg_element_is_refused():
    made, svg = figure(["a"])
    summary = Table(name="summary", title="Summary", columns=(Column("a", ""),), rows=())
    with pytest.raises(ValueError, match=r"figure 'points' comes with .*expected an <svg> element"):
        Page(title="x", summary=summary, figures=((made, '<?xml version="1.0"?>' + svg),))
