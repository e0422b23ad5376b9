"""Tables, figures and reports as HTML for a notebook, with light and with dark themes.

All text is escaped, as on the page of a report. A figure is an image, so nothing in it can run a
script or change the notebook. Colours and fonts are those of the notebook.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace

from reports.build import Report
from reports.content.display import Displayed
from reports.content.figure import Figure
from reports.content.overview import Overview
from reports.content.table import Note, Table
from reports.export import overview_text, shown
from reports.render.html import escape, html_overview, html_table, visible_attribute
from reports.render.overview_text import terminal_overview
from reports.render.terminal import terminal_table

_MOST_ROWS = 100
_LINE = "1px solid rgba(128, 128, 128, .4)"
_STYLE = f"""<style>
.sugrm .table-box {{ overflow-x: auto; }}
.sugrm table {{ border-collapse: collapse; margin: .5em 0; font-variant-numeric: tabular-nums; }}
.sugrm caption {{ caption-side: top; text-align: left; font-weight: bold; color: inherit; }}
.sugrm th, .sugrm td {{ padding: .25em .6em; text-align: right; vertical-align: baseline;
  white-space: nowrap; font-weight: normal; color: inherit; border: 0; border-bottom: {_LINE}; }}
.sugrm thead th {{ font-weight: bold; vertical-align: bottom; }}
.sugrm .group {{ text-align: center; }}
.sugrm .text {{ text-align: left; }}
.sugrm .long {{ white-space: normal; min-width: 18em; max-width: 30em;
  overflow-wrap: anywhere; }}
.sugrm .notes {{ font-size: 90%; max-width: 60em; }}
.sugrm h4 {{ margin: .9em 0 .2em; }}
.sugrm details {{ margin: .4em 0; }}
.sugrm details caption {{ display: none; }}
.sugrm summary {{ cursor: pointer; }}
.sugrm img {{ width: 100%; max-width: 56em; }}
</style>"""


def notebook_html(thing: Displayed) -> str:
    """Return a table, a figure or a report as HTML for a notebook.

    A wide table scrolls within its box. A long one shows its first 100 rows.
    """
    match thing:
        case Table():
            content = _table(thing)
        case Figure():
            content = _figure(thing)
        case Overview():
            content = html_overview(thing)
        case Report():
            content = "\n".join(_report(thing))
        case _:
            content = escape(repr(thing))
    return f'<div class="sugrm">{_STYLE}\n{content}\n</div>'


def plain_text(thing: Displayed) -> str:
    """Return a table, a figure, an overview or a report as text for 100 characters."""
    match thing:
        case Table():
            return terminal_table(thing)
        case Figure():
            return f"{thing.title}: {thing.summary}"
        case Overview():
            return terminal_overview(thing, 100)
        case Report():
            return overview_text(thing, 100).rstrip("\n")
        case _:
            return repr(thing)


def _table(table: Table) -> str:
    if len(table.rows) <= _MOST_ROWS:
        return html_table(table)
    count = len(table.rows)
    left_out = Note(f"The first {_MOST_ROWS} of {count} rows; the attribute rows has all.")
    short = replace(table, rows=table.rows[:_MOST_ROWS], notes=(left_out, *table.notes))
    return html_table(short)


def _figure(figure: Figure) -> str:
    from reports.render.drawing import draw_svg

    picture = base64.b64encode(draw_svg(figure).encode()).decode("ascii")
    text = visible_attribute(f"{figure.title}: {figure.summary}")
    return f'<img alt="{text}" src="data:image/svg+xml;base64,{picture}">'


def _report(report: Report) -> Iterator[str]:
    """Yield the parts of a report: its overview open, the tables and the figures folded."""
    tables = list(shown(report))
    yield f"<h3>{escape(report.title)}</h3>"
    if report.overview is not None:
        yield html_overview(report.overview)
    else:
        yield _table(tables.pop(0))
    yield from (_folded(table.name, table.title, content=_table(table)) for table in tables)
    yield from (_folded(each.name, each.title, content=_figure(each)) for each in report.figures)


def _folded(name: str, title: str, *, content: str) -> str:
    summary = f"<summary>{escape(title)} (<code>{escape(name)}</code>)</summary>"
    return f"<details>{summary}\n{content}\n</details>"
