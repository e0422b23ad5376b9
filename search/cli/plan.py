"""``sugrm-search plan``: what a space would run."""

from typing import TYPE_CHECKING

from search.cli.options import Changes, DataPaths, SpacePath, Trials, overrides
from search.cli.output import say

if TYPE_CHECKING:
    from search.space import Space

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
    from search.space import load_space

    show(load_space(space, overrides=overrides(changes, trials), data=data or []))


def show(space: "Space") -> None:
    """Print what ``space`` would run: trials, cells, confirmation, data, and the cost."""
    from search.cli.plan_view import input_lines, plan_lines
    from search.plan import build_plan

    plan = build_plan(space)
    for line in (*plan_lines(plan), *input_lines(space, plan)):
        say(line)
