"""One HTML file with style, script, tables and figures, and a policy that forbids all loads."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reports.content.figure import Figure
from reports.content.overview import Overview
from reports.content.table import Table
from reports.render.html import (
    cell_html,
    escape,
    html_table,
    note_html,
    notes_html,
    visible_attribute,
)

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
_SCRIPTS = ("tables.js", "figures.js", "page.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The content of a page.

    Attributes:
        title: the name of the run.
        overview: what fits on one screen; the page opens with it. None for a comparison of runs.
        key_numbers: a card for each row: its title, its number, then the other columns with their
            titles.
        summary: first table of the report.
        figures: each figure with its SVG element; ``data-hover`` in it holds a tooltip.
        tables: the tables, the same as in the other formats.
        trials: table that readers sort and filter; ``status`` and ``phase`` have a list of values.
        provenance: where the numbers come from, as pairs of label and value.
        command: the command that repeats the run.
        space: the text of the space file.
    """

    title: str
    summary: Table
    tables: Sequence[Table] = ()
    trials: Table | None = None
    figures: Sequence[tuple[Figure, str]] = ()
    provenance: Sequence[tuple[str, str]] = ()
    command: str = ""
    space: str = ""
    overview: Overview | None = None
    key_numbers: Table | None = None

    def __post_init__(self) -> None:
        """Raise if a figure is not an SVG element, because the page includes it unescaped."""
        for figure, svg in self.figures:
            if not svg.startswith("<svg"):
                raise ValueError(
                    f"figure {figure.name!r} comes with {svg[:40]!r}, expected an <svg> element "
                    "without a declaration before it, as draw_inline_svg returns"
                )


def page_text(page: Page) -> str:
    """Return ``page`` as one HTML file.

    Without JavaScript the page is complete; with it, tables can be sorted and filtered, figures
    show the values of points, and commands have a copy button. All text of a run is escaped; in
    addition the content security policy allows only the page's own script and no loads.
    """
    script = "\n".join(map(_source, _SCRIPTS))
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            policy=_policy(script),
            script=script,
            style=_source("page.css"),
        )
    )


def _environment() -> "Environment":
    """Return the templates of the page; every text in them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {  # each returns HTML, all text in it escaped
        "attribute": visible_attribute,
        "cell": cell_html,
        "note": note_html,
        "notes": notes_html,
        "shown": escape,
        "table": html_table,
    }
    return environment


def _source(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """Return the content security policy: nothing but this script, styles and inline images."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
