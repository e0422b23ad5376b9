"""Fill the tables and draw the figure of docs/results.md from the published runs in docs/results.

Usage: python scripts/make_results.py; a test fails while a table differs from what this writes.

docs/results.md is written by hand around blocks that this script fills; a block begins with one of
these lines and ends with ``<!-- end -->``:

``<!-- table RUN NAME: COLUMN, ... -->``
    Table NAME of the report of the run docs/results/RUN, all columns or those named.
``<!-- best -->``, ``<!-- effects -->``, ``<!-- searches -->``, ``<!-- figure -->``
    The tables and the figure that docs/results/answer.yaml lists.
``<!-- commands -->``
    The command, time and state of every published run.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # for scripts, which is not installed

from reports import Choice, Results, load_run, report_of  # noqa: E402
from reports.content.table import Table  # noqa: E402
from reports.render.drawing import draw_svg  # noqa: E402
from reports.render.markdown import code, escape, markdown_table  # noqa: E402
from scripts.results_answer import best_table, effects_figure, effects_table  # noqa: E402
from scripts.results_searches import searches_table  # noqa: E402

PAGE = ROOT / "docs" / "results.md"
FOLDER = ROOT / "docs" / "results"
FIGURE = FOLDER / "effects.svg"
_BLOCK = re.compile(
    r"^<!-- (?P<what>best|effects|searches|figure|commands|table (?P<run>\S+) (?P<name>[^:\n]+?)"
    r"(?:: (?P<columns>[^\n]+?))?) -->\n.*?^<!-- end -->$",
    re.MULTILINE | re.DOTALL,
)


class UnknownTableError(Exception):
    """A block names a table or a column that the run does not have."""


@cache
def run(name: str) -> Results:
    """Return the published run ``name``."""
    return load_run(FOLDER / name)


def runs() -> list[str]:
    """Return the names of the published runs."""
    return sorted(path.parent.name for path in FOLDER.glob("*/experiment.json"))


def filled(page: str) -> str:
    """Return the page with every block filled.

    Raises:
        UnknownTableError: a block names a table or a column that its run does not have.
    """
    return _BLOCK.sub(lambda block: _block(block, _content(block)), page)


def _block(block: re.Match[str], content: str) -> str:
    return f"<!-- {block['what']} -->\n\n{content}\n\n<!-- end -->"


def _content(block: re.Match[str]) -> str:
    if block["run"] is not None:
        wanted = [each.strip() for each in (block["columns"] or "").split(",") if each.strip()]
        return _plain(_with_columns(_table(block["run"], block["name"]), wanted))
    makers: Mapping[str, Callable[[], str]] = {
        "best": lambda: _plain(best_table(run)),
        "effects": lambda: _plain(effects_table(run)),
        "searches": lambda: _plain(searches_table(run)),
        "figure": lambda: f"![{escape(effects_figure(run).summary)}](results/{FIGURE.name})",
        "commands": _commands,
    }
    return makers[block["what"]]()


def _table(name: str, table: str) -> Table:
    made = _tables(name)
    if table not in made:
        raise UnknownTableError(f"the run {name} has no table {table!r}; it has {', '.join(made)}")
    return made[table]


@cache
def _tables(name: str) -> dict[str, Table]:
    made = report_of(run(name), Choice(with_figures=False, with_text=False))
    return {table.name: table for table in made.tables}


def _with_columns(table: Table, names: Sequence[str]) -> Table:
    known = [column.name for column in table.columns]
    for name in names:
        if name not in known:
            raise UnknownTableError(
                f"table {table.name} has no column {name!r}; it has {', '.join(known)}"
            )
    places = [known.index(name) for name in names] or range(len(known))
    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        rows=tuple(tuple(row[place] for place in places) for row in table.rows),
    )


def _plain(table: Table) -> str:
    """Return a table without title and notes, which the page explains once."""
    _, _, body = markdown_table(replace(table, notes=())).partition("\n\n")
    return body


def _commands() -> str:
    parts = []
    for name in runs():
        results = run(name)
        experiment = results.experiment
        trials = results.trials.values()
        hours = sum(trial.seconds or 0.0 for trial in trials) / 3600
        states = {trial.status for trial in trials}
        counted = ", ".join(
            f"{sum(trial.status == state for trial in trials)} {state}" for state in sorted(states)
        )
        parts.append(
            f"- [{escape(name)}](results/{name}/README.md): {counted}, {hours:.1f} h of computing, "
            f"begun {experiment.versions[0].started_at[:10]}:\n  {code(experiment.command)}"
        )
    return "\n".join(parts)


def main() -> None:
    """Write docs/results.md and its figure."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    FIGURE.write_text(draw_svg(effects_figure(run)), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} and {FIGURE.relative_to(ROOT)} from {', '.join(runs())}")


if __name__ == "__main__":
    main()
