"""``sugrm-search plan``: what a space would run."""

from pathlib import Path
from typing import TYPE_CHECKING

from search.cli.display.output import say
from search.cli.options import Changes, DataPaths, RunsFolder, SpacePath, Trials, overrides

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.space import Space

EXAMPLES = """\b
Example:
  sugrm-search plan spaces/mosi.yaml --set confirm.top=1
"""


def plan(
    space: SpacePath,
    data: DataPaths = None,
    runs: RunsFolder = Path("runs"),
    changes: Changes = None,
    trials: Trials = None,
) -> None:
    """Check a space and show what is left to run.

    Where the space has not run yet, that is all of it. Nothing starts and nothing is written
    below the folder of runs.
    """
    from search.space.reading import load_space

    loaded = load_space(space, overrides=overrides(changes, trials), data=data or [])
    show(loaded)
    if (runs / loaded.name).exists():
        _show_left(loaded, runs)


def show(space: "Space") -> None:
    """Print what ``space`` would run: trials, cells, confirmation, data, and the cost."""
    from search.cli.display.plan_view import baseline_lines, input_lines, plan_lines
    from search.plan import build_plan

    plan = build_plan(space)
    for line in (*plan_lines(plan), *baseline_lines(space, plan), *input_lines(space, plan)):
        say(line)


def _show_left(space: "Space", runs: "Place") -> None:
    """Print what is left to compute of a run that exists, as its dry run does."""
    from search.cli.display.estimate_view import left_lines
    from search.estimate.remaining import left_to_compute
    from sugrm import SugrmError

    try:
        left = left_to_compute(space, runs)
    except SugrmError as error:  # the data or the encoder lie elsewhere: the plan still stands
        say(f"left to compute: not known: {error}")
        return
    for line in left_lines(left):
        say(line)
