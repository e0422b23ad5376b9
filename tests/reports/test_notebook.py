"""How tables, figures and reports show themselves in a notebook and with ``print``."""

import base64
import json
from html.parser import HTMLParser

import pytest

from reports import Choice, build_report, load_run, report_of
from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Line
from reports.content.overview import Overview, Section
from reports.content.table import Column, Note, Number, Style, Table, Text
from reports.errors import ReportError, UnknownNameError
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

ATTACK = "</td></table></style><script>alert(1)</script>\" onload='x' <img src=x onerror=y>\u202e"
LABELLED = {"objective": {"labels": {"name": "sugrm"}}}
TAGS = {
    *(
        "div",
        "style",
        "h3",
        "h4",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "colgroup",
    ),
    *("ul", "li", "code", "strong", "u", "span", "br", "details", "summary", "img"),
}


class Found(HTMLParser):
    """The tags, the attributes and the text of some HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data

    def values(self, name):
        return [value for key, value in self.attributes if key == name]


def a_table(text="plain", *, rows=1):
    return Table(
        name="one",
        title=text,
        columns=(Column("a", text, is_text=True), Column("b", "value", group=text)),
        rows=tuple((Text(text), Number(0.5, Style.SCORE)) for _ in range(rows)),
        notes=(Note(text, text),),
    )


def a_figure(text="plain"):
    line = Line(x=(1.0, 2.0), y=(1.0, 2.0), series=text)
    panel = Panel(x=Axis(title=text), y=Axis(), marks=(line,), title=text)
    return Figure(name=text, title=text, summary=text, panels=(panel,), notes=(text,))


@pytest.fixture
def report(tmp_path):
    return build_report(tiny_run(tmp_path / "tiny"))


def test_a_table_is_html_in_a_notebook_and_text_in_a_terminal():
    found = Found(a_table()._repr_html_())
    assert found.tags.count("tr") == 3
    assert "0.500" in found.text
    assert "table-box" in found.values("class")
    assert "overflow-x: auto" in found.text  # a wide table scrolls in its box
    assert str(a_table()).splitlines()[:2] == ["plain", "====="]
    assert repr(a_table()) == "Table('one', 'plain', 1 rows x 2 columns)"


def test_a_long_table_shows_its_first_rows_and_says_so():
    found = Found(a_table(rows=101)._repr_html_())
    assert found.tags.count("tr") == 2 + 100
    assert "The first 100 of 101 rows" in found.text
    assert "The first" not in Found(a_table(rows=100)._repr_html_()).text


def test_a_figure_is_an_image_that_is_described():
    found = Found(a_figure()._repr_html_())
    (source,), (alt,) = found.values("src"), found.values("alt")
    picture = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,"))
    assert picture.startswith(b"<?xml")
    assert alt == str(a_figure()) == "plain: plain"
    assert repr(a_figure()) == "Figure('plain', 'plain', 1 panel)"


@pytest.mark.slow
def test_no_text_becomes_html():
    section = Section(name="x", title=ATTACK, table=a_table(ATTACK), notes=(Note(ATTACK, ATTACK),))
    overview = Overview(title=ATTACK, sections=(section,))
    for thing in (a_table(ATTACK), a_figure(ATTACK), overview):
        found = Found(thing._repr_html_())
        assert set(found.tags) <= TAGS
        assert not [name for name, _ in found.attributes if name.startswith("on")]
        assert set(found.values("src")) <= {s for s in found.values("src") if s[:5] == "data:"}
    assert "\\u202e" in Found(a_table(ATTACK)._repr_html_()).text


@pytest.mark.slow
def test_a_report_of_a_hostile_run_becomes_no_html(tmp_path):
    """A cell, an option's value, a failure's message and a transcript are all of an attacker."""
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, changes={"training.batch_size": ATTACK})
    builder.searched(1, status="failed", failure="crash", message=ATTACK)
    changes = {"model.recalibration": ATTACK}
    for seed in (1, 2, 3):
        builder.cell(ATTACK, seed, 0.9, changes=changes, config=json.dumps(LABELLED))
        key = builder.rows["trials"][-1]["key"]
        for task in "TAV":
            row = {"key": key, "epoch": 4, "task": task, "labels": [1.0]}
            builder.rows["labels"].append(row)
        row = {"key": key, "split": "train", "id": ATTACK, "label": 1.0, "prediction_M": 1.0}
        builder.rows["predictions"].append(row)
    row = {"data_fingerprint": "d0d0", "alignment": "unaligned", "split": "train", "position": 0}
    builder.rows["utterances"].append(row | {"id": ATTACK, "text": f"words {ATTACK}", "label": 1})
    folder = builder.write(
        {**SPACE, "ablations": {ATTACK: {ATTACK: {}}, "modules": {ATTACK: changes}}}
    )
    whole, transcripts = build_report(folder), build_report(folder, Choice(tables=("5",)))
    for report, text in ((whole, ""), (transcripts, "words ")):
        found = Found(report._repr_html_())
        assert set(found.tags) <= TAGS
        assert not [name for name, _ in found.attributes if name.startswith("on")]
        assert f"{text}</td></table></style><script>alert(1)</script>" in found.text


@pytest.mark.slow
def test_a_report_shows_its_overview_and_folds_the_rest(report):
    found = Found(report._repr_html_())
    folded = [table for table in report.tables if not table.is_data]
    with_notes = [table for table in folded if not all(n.is_attention for n in table.notes)]
    assert found.tags.count("details") == len(folded) + len(with_notes) + len(report.figures)
    assert "What to do next" in found.text
    assert found.tags.count("img") == len(report.figures)
    assert "leaderboard" in found.text
    assert str(report).startswith("tiny: search, confirmation, ablation on mosi\n")
    assert str(report.overview) == str(report)
    assert repr(report).startswith("Report('tiny'; tables: summary, confirmed")


def test_a_table_and_a_figure_of_a_report_are_found_by_name(report):
    assert report.table("leaderboard").title == "Search: trials by validation"
    assert report.table("trials") is report.trials
    assert report.figure("slices").name == "slices"
    with pytest.raises(UnknownNameError, match=r"unknown table 'leaderbord'.*'leaderboard'"):
        report.table("leaderbord")
    with pytest.raises(UnknownNameError, match=r"unknown figure 'x': expected one of"):
        report.figure("x")


def test_a_report_without_figures_says_so(tmp_path):
    run = load_run(tiny_run(tmp_path / "tiny"))
    bare = report_of(run, Choice(with_figures=False))
    with pytest.raises(ReportError, match="no figure 'slices': this report was made without any"):
        bare.figure("slices")
