"""``sugrm-search status``: the state of runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say
from search.cli.options import RunsFolder

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.cli.display.watching import Shown

EXAMPLES = """\b
Examples:
  sugrm-search status
  sugrm-search status demo
  sugrm-search status demo --watch        until it ends
"""


def status(
    name: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Default: every run.")] = None,
    runs: RunsFolder = Path("runs"),
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Show it again and again while a run is running.")
    ] = False,
    every: Annotated[
        float,
        typer.Option("--every", metavar="SECONDS", min=0.5, help="How often --watch looks."),
    ] = 5.0,
) -> None:
    """Show the state of runs.

    It lists running trials with their epoch, failed trials with the reason, the budget and the time
    left. It only reads, so it may be used while a run is running, from any machine that sees its
    folder.
    """
    if not watch:
        _print(_look(name, runs))
        return
    from search.cli.display import watching

    watching.watch(lambda: _look(name, runs), seconds=every)


def _print(shown: "Shown") -> None:
    for line in shown.lines:
        say(line)


def _look(name: str | None, runs: "Place") -> "Shown":
    """Return the state of one run or of all, final where none of them is running.

    Raises:
        typer.BadParameter: there is no folder of runs.
        SearchError: runs are damaged, or there is no run of that name; the states of the others
            have been printed.
    """
    from reports.ledger.places.storage import check_reachable
    from search.cli.display import wording
    from search.cli.display.status_view import status_lines
    from search.cli.display.watching import Shown
    from search.cli.reported_runs import check_folder
    from search.errors import SearchError
    from search.status.run_status import run_status
    from search.status.runs import run_names

    check_reachable(runs)
    names = [name] if name is not None else run_names(runs)
    if not names:
        check_folder(runs)
        return Shown([f"no runs in {runs}; start one with: {wording.first_command(runs)}"], True)
    lines: list[str] = []
    damaged: list[str] = []
    active = False
    for each in names:
        try:
            state = run_status(runs, each)
        except SearchError as error:
            damaged.append(str(error))
        else:
            active = active or state.active
            lines += status_lines(state)
    if damaged:
        _print(Shown(lines, True))
        raise SearchError("\n".join(damaged))
    return Shown(lines, not active)
