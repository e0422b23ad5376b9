"""What is said when a run has ended, and the exit code that says the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from search.cli.wording import counted, duration

if TYPE_CHECKING:
    from search.tune.runner import RunSummary

DONE, SOME_FAILED, INTERRUPTED, TERMINATED = 0, 1, 130, 143


def exit_code(summary: "RunSummary") -> int:
    """Return the exit code of a run; one that its budget ended is done for now."""
    if summary.interrupted and summary.spent is None:
        return INTERRUPTED
    return SOME_FAILED if summary.failed else DONE


def summary_lines(summary: "RunSummary") -> Iterator[str]:
    """Yield how a run ended and which commands come next."""
    done = summary.finished + summary.stopped + summary.failed
    verb = "ended before its plan was done" if summary.interrupted else "is done"
    yield (
        f"{summary.name} {verb} in {duration(summary.seconds)}: {counted(done, 'trial')}, "
        f"{summary.finished} finished, {summary.stopped} stopped early, {summary.failed} failed"
    )
    if summary.next_step:
        yield f"  {summary.next_step}"
    if summary.failed:
        yield "  why trials failed stands in the report"
    runs, name = summary.folder.parent, summary.name
    option = "" if str(runs) == "runs" else f" --runs {runs}"
    if done:
        yield f"  tables:       sugrm-search report {name}{option}"
    board = f"tensorboard --logdir {summary.folder / 'tensorboard'}"
    store = "" if isinstance(summary.folder, Path) else "  (needs boto3; see docs/storage.md)"
    yield f"  TensorBoard:  {board}{store}"
