"""The last lines of a run, and its exit code."""

import os
from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from search.cli.display.wording import counted, duration, report_command, traceback_command

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place
    from search.controller.run_summary import RunSummary

DONE, SOME_FAILED, INTERRUPTED = 0, 1, 130


def exit_code(summary: "RunSummary") -> int:
    """Return the exit code of a run; a run that its budget ended counts as done.

    A run whose search has nothing to confirm leaves a part of its plan undone, without a failure.
    """
    if summary.by_user:
        return INTERRUPTED
    return SOME_FAILED if summary.failed or summary.unconfirmed else DONE


def summary_lines(summary: "RunSummary") -> Iterator[str]:
    """Yield how a run ended and which commands come next."""
    done = summary.finished + summary.stopped + summary.failed
    ended = " ended" if summary.interrupted else ""
    cut_off = f", {summary.cut_off} cut off" if summary.cut_off else ""
    yield (
        f"{summary.name} {_verb(summary)} {_time(summary)}: {counted(done, 'trial')}{ended}, "
        f"{summary.finished} finished, {summary.stopped} stopped early, {summary.failed} failed"
        f"{cut_off}"
    )
    if summary.unconfirmed:
        yield f"  {summary.unconfirmed}"
    if summary.winner:
        yield f"  {summary.winner}"
    if summary.next_step:
        yield f"  {summary.next_step}"
    if summary.failed:
        yield "  the report shows why trials failed"
    if summary.has_tracebacks:
        yield f"  tracebacks:   {traceback_command(summary.folder)}"
    if done:
        yield f"  tables:       {report_command(summary.folder)}"
    for name in summary.tracking:
        yield f"  {_TITLES[name]:<13} {_shown_by(name, summary)}"


def _verb(summary: "RunSummary") -> str:
    """Return how the run ended, up to its time; an unconfirmed search leaves its plan undone."""
    if not summary.interrupted:
        return "ended in" if summary.unconfirmed else "is done in"
    return "was interrupted after" if summary.by_user else "ended before its plan was done, after"


def _time(summary: "RunSummary") -> str:
    """Return the time of this command, and of all where others came before it."""
    own = duration(summary.seconds)
    if round(summary.earlier_seconds) < 1:
        return own
    in_all = duration(summary.earlier_seconds + summary.seconds)
    return f"{own} (with earlier commands about {in_all})"


_TITLES = {"tensorboard": "TensorBoard:", "mlflow": "MLflow:", "wandb": "W&B:", "optuna": "Optuna:"}


def _shown_by(name: str, summary: "RunSummary") -> str:
    """Return the command or the address that shows a run in a tracker."""
    if name == "tensorboard":
        return _tensorboard(summary.folder / "tensorboard")
    if name == "mlflow":
        own = "mlflow ui  (needs the package mlflow; see docs/trackers.md)"
        return os.environ.get("MLFLOW_TRACKING_URI") or own
    if name == "optuna":
        return f"optuna-dashboard {quote(str(summary.folder / 'optuna.journal'))}"
    return f"group {summary.name}; what was written offline: wandb sync wandb/offline-run-*"


def _tensorboard(folder: "Place") -> str:
    from reports.ledger.places.storage import in_object_store

    if not in_object_store(folder):
        return f"tensorboard --logdir {quote(str(folder))}"
    address = str(folder).partition("?")[0]  # TensorBoard does not know the options of a store
    return f"tensorboard --logdir {address}  (needs boto3; see docs/storage.md)"
