"""Write published copies of runs, one after the other, and print what they hold."""

import dataclasses
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.places.storage import write_whole
from reports.ledger.reading import record
from reports.ledger.reading.load import load_results
from reports.ledger.reading.results import Results
from reports.ledger.reading.splits import write_splits
from reports.ledger.roles import recorded_roles
from reports.ledger.schema import IMPORTANCE_FILE, STATUSES
from reports.results.corpora import split_sizes
from search.cli.display.output import say
from search.cli.display.wording import counted
from search.cli.publishing.contents import (
    README_FILE,
    REPORT_FILE,
    SPACE_FILE,
    plugin_files,
)
from search.cli.publishing.machine_paths import machine_paths
from search.cli.publishing.readme import readme_text
from search.cli.publishing.replacing import new_folder
from search.cli.publishing.report_text import report_text
from search.cli.publishing.space_file import write_space
from search.cli.publishing.target import PublishError, check_out, check_target
from search.estimate.disk import size
from search.ledger.published.snapshot import Snapshot, snapshot_of
from search.ledger.published.tables import write_tables
from search.status.runs import run_folder

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place

_MOST_PATHS = 3


def publish_runs(runs: "Place", names: Sequence[str], *, out: Path) -> None:
    """Write a copy of each run into ``out``; everything is checked before the first is written.

    Raises:
        UnknownRunError: there is no such run.
        PublishError: ``out`` cannot hold the copies, or a run has no trial that ended.
        ReportError: the ``experiment.json`` of a run is damaged.
    """
    check_out(out, runs, names=names)
    folders = [run_folder(runs, name) for name in dict.fromkeys(names)]
    for folder in folders:
        check_target(out / folder.name, folder.name)
    found = {folder.name: _read(folder) for folder in folders}
    for name, (results, snapshot) in found.items():
        _publish(results, snapshot, target=out / name)


def _read(run: "Place") -> tuple[Results, Snapshot]:
    """Return a run with the trials of a snapshot; its other tables are read when they are used."""
    results, snapshot = load_results(run), snapshot_of(run)
    if not snapshot.trials:
        command = results.command or "sugrm-search run SPACE"
        raise PublishError(
            f"the run {run} has no trial that ended; expected at least one; start or continue it "
            f"with `{command}`"
        )
    roles = recorded_roles(snapshot.tables["roles"])
    return dataclasses.replace(results, trials=snapshot.trials, roles=roles), snapshot


def _publish(results: Results, snapshot: Snapshot, *, target: Path) -> None:
    with new_folder(target) as folder:
        _write(results, snapshot, folder=folder)
    _say(results, target)


def _write(results: Results, snapshot: Snapshot, *, folder: Path) -> None:
    """Write the files of a copy into a new folder."""
    run, version = results.folder, results.experiment.newest
    for name in (record.FILE, IMPORTANCE_FILE):
        if (run / name).exists():
            write_whole(folder / name, (run / name).read_bytes())
    write_tables(folder, snapshot)
    write_splits(folder, split_sizes(results))
    for path, text in plugin_files(version).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="")
    write_space(folder / SPACE_FILE, version)
    write_whole(folder / REPORT_FILE, report_text(results).encode())
    write_whole(folder / README_FILE, readme_text(results, folder).encode())


def _say(results: Results, target: Path) -> None:
    counts = Counter(trial.status for trial in results.trials.values())
    ended = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    files = [path for path in target.rglob("*") if path.is_file()]
    say(
        f"wrote {target}: {counted(len(results.trials), 'trial')} ({ended}), "
        f"{size(sum(path.stat().st_size for path in files))} in {counted(len(files), 'file')}, "
        "without labels, predictions, utterances and models"
    )
    for warning in results.warnings:
        say(f"warning: {warning}", to_errors=True)
    paths = machine_paths(results.experiment.versions)
    if paths:
        more = ", ..." if len(paths) > _MOST_PATHS else ""
        say(
            f"warning: the commands or the space of {target.name} name folders of this machine, "
            f"which the copy keeps: {', '.join(paths[:_MOST_PATHS])}{more}",
            to_errors=True,
        )
    words = ["sugrm-search", "report", target.name, "--runs", str(target.parent)]
    say(f"look at it with: {shlex.join(words)}")
