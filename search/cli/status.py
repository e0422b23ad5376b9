"""``sugrm-search status``: where the runs stand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import RunsFolder

if TYPE_CHECKING:
    from search.status import RunStatus

EXAMPLES = """\b
Examples:
  sugrm-search status
  sugrm-search status demo
"""


def status(
    name: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Default: every run.")] = None,
    runs: RunsFolder = Path("runs"),
) -> None:
    """Show where runs stand.

    Nothing is changed, so it also serves while a run is at work.
    """
    from reports.storage import check_reachable
    from search.errors import SearchError
    from search.status import run_names, run_status

    check_reachable(runs)
    names = [name] if name is not None else run_names(runs)
    if not names:
        typer.echo(f"no runs in {runs}; start one with: sugrm-search run spaces/demo.yaml")
    damaged = []
    for each in names:
        try:
            lines = _lines(run_status(runs, each))
        except SearchError as error:
            damaged.append(str(error))
            continue
        for line in lines:
            typer.echo(line)
    if damaged:
        raise SearchError("\n".join(damaged))


def _lines(run: "RunStatus") -> list[str]:
    state = "at work" if run.active else "not at work"
    lines = [f"{run.name}: {run.done} of {run.total} done, {state}, {run.folder}"]
    for phase, counts in run.counts.items():
        lines.append(f"  {phase}: " + ", ".join(f"{n} {kind}" for kind, n in counts.items()))
    if run.best is not None:
        best = run.best
        lines.append(f"  best {best.metric} {best.value:.4f} (search {best.number}, {best.key})")
    verb = "running" if run.active else "cut off, continued by the next run"
    return [*lines, *(f"  {verb}: {title}" for title in run.under_way)]
