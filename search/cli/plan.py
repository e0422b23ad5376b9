"""``sugrm-search plan``: what a space will run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from search.cli.display.output import say
from search.cli.options import (
    Changes,
    DataPaths,
    Rows,
    RunsFolder,
    SpacePath,
    Trials,
    load_rows,
    overrides,
)

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
    rows: Rows = None,
    trials: Trials = None,
) -> None:
    """Check a space and show what is left to run.

    For a space that has not run yet, everything is left. Nothing starts, and nothing is written
    into the folder of runs.
    """
    from search.trials.encoder_checks import check_local_encoders

    loaded = load_rows(space, overrides=overrides(changes, trials), data=data, rows=rows)
    check_local_encoders(loaded)
    show(loaded, data or [])
    if (runs / loaded.name).exists():
        _show_left(loaded, runs)


def show(space: "Space", data: Sequence[str]) -> None:
    """Print what ``space`` will run: trials, cells, confirmation, data, encoder and budget.

    Args:
        space: the checked space.
        data: the values of ``--data``; those that no trial reads are named.
    """
    from search.cli.display.plan_view import lines_before_run

    for line in lines_before_run(space, data):
        say(line)


def _show_left(space: "Space", runs: "Place") -> None:
    """Print what an existing run has left to compute, as its dry run does."""
    from search.cli.display.estimate_view import left_lines
    from search.estimate.remaining import left_to_compute
    from sugrm import SugrmError

    try:
        left = left_to_compute(space, runs)
    except SugrmError as error:  # the data or the encoder are not here: the plan is still valid
        say(f"left to compute: unknown: {error}")
        return
    for line in left_lines(left):
        say(line)
