"""``sugrm-search plan``: what a space would run."""

from typing import TYPE_CHECKING

import typer

from search.cli.options import Changes, DataPaths, SpacePath, Trials, overrides

if TYPE_CHECKING:
    from search.plan import Plan

EXAMPLES = """\b
Example:
  sugrm-search plan spaces/mosi.yaml --set confirm.top=1
"""


def plan(
    space: SpacePath,
    data: DataPaths = None,
    changes: Changes = None,
    trials: Trials = None,
) -> None:
    """Check a space and show what it would run.

    Nothing starts and nothing is written.
    """
    from search.plan import build_plan
    from search.space import load_space

    loaded = load_space(space, overrides=overrides(changes, trials), data=data or [])
    show(build_plan(loaded))


def show(plan: "Plan") -> None:
    """Print ``plan``: trials of the search, the cells, the confirmation, and the cost."""
    from search.cli.plan_view import plan_lines

    for line in plan_lines(plan):
        typer.echo(line)
