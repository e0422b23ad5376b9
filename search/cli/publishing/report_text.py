"""``report.md``: the tables of a run's report, without those that show its data or its machine."""

from shlex import quote

from reports.build import Choice, report_of
from reports.export import markdown_text
from reports.ledger.reading.results import Results
from reports.paper.available import available_tables
from reports.tables import TABLES

_OF_DATA = "5"
"""The table of the paper that shows single utterances: ids, human labels and predictions."""
_OF_MACHINE = "models"
"""The table of files of models, which a copy does not have."""


def report_text(results: Results) -> str:
    """Return what ``report --format md --no-text`` writes, without the two tables above.

    Commands in it name no folder of runs.
    """
    names = [name for name in (*TABLES, *available_tables([results])) if _is_shown(name)]
    choice = Choice(tables=tuple(names), with_figures=False, with_text=False)
    text = markdown_text(report_of(results, choice))
    return text.replace(f" --runs {quote(str(results.folder.parent))}", "")


def _is_shown(name: str) -> bool:
    return name not in (_OF_DATA, _OF_MACHINE)
