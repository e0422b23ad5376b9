"""``sugrm-search export``: the search of a run as an Optuna study."""

from pathlib import Path
from typing import Annotated

import typer

from search.cli.display.output import say
from search.cli.options import RunsFolder

EXAMPLES = """\b
Example:
  sugrm-search export demo --optuna demo.journal
  optuna-dashboard demo.journal
"""


def export(
    name: Annotated[str, typer.Argument(metavar="RUN", help="Run to export.")],
    optuna: Annotated[
        Path,
        typer.Option(
            "--optuna",
            metavar="FILE",
            help="Journal file to write, for Optuna and optuna-dashboard.",
        ),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Write the search of a run as an Optuna study.

    It holds every trial that has ended. Each has its parameters, its validation metric by epoch
    and how it ended; test scores are left out, since a search must not see them. The run is
    only read, so it may be running.
    """
    from reports.ledger.places.storage import check_reachable
    from search.cli.display.wording import counted
    from search.sampling.optuna_export import export_journal
    from search.status.runs import run_folder

    check_reachable(runs)
    trials = export_journal(
        run_folder(runs, name),
        optuna,
        replace=force,
        warn=lambda line: say(f"warning: {line}", to_errors=True),
    )
    say(f"wrote {optuna}: study {name}, {counted(trials, 'trial')}")
