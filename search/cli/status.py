"""``sugrm-search status``: the state of runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say
from search.cli.options import RunsFolder

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place

EXAMPLES = """\b
Examples:
  sugrm-search status
  sugrm-search status demo
  watch -n 5 sugrm-search status demo
"""


def status(
    name: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Default: every run.")] = None,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Show the state of runs.

    It lists running trials with their epoch, failed trials with the reason, the budget and the time
    left. It only reads, so it may be used while a run is running, from any machine that sees its
    folder.
    """
    from reports.ledger.places.storage import check_reachable
    from search.errors import SearchError
    from search.status.runs import run_names

    check_reachable(runs)
    names = [name] if name is not None else run_names(runs)
    if not names:
        say(f"no runs in {runs}; start one with: sugrm-search run spaces/demo.yaml")
    damaged = []
    for each in names:
        try:
            _show(runs, each)
        except SearchError as error:
            damaged.append(str(error))
    if damaged:
        raise SearchError("\n".join(damaged))


def _show(runs: "Place", name: str) -> None:
    from search.cli.display.status_view import status_lines
    from search.status.run_status import run_status

    for line in list(status_lines(run_status(runs, name))):  # all of them or none
        say(line)
