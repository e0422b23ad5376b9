"""Writing ``experiment.json``: each version of a run's space, with its data and its code."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from reports.ledger.places.storage import TEMPORARY, Place, in_object_store
from reports.ledger.reading import record, recorded_experiment
from reports.ledger.reading.recorded_experiment import Experiment, Version
from search.errors import SearchError
from search.ledger.running_trials import write_json

FILE = record.FILE
SCHEMA_VERSION = 1
_OWN_FILES = frozenset({"lock"})


class RunFolderError(SearchError):
    """A run folder cannot serve this run."""


def check_folder(folder: Place, name: str) -> None:
    """Check before anything is written that a folder is that of the run ``name``, or empty.

    Raises:
        RunFolderError: the folder belongs to a run of another name, or to something else.
    """
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(
            f"{folder} is a file; expected a run folder or nothing; name another place with --runs"
        )
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    # A run that was killed in its first write has left a lock and an incomplete file.
    if {name for name in names if not name.endswith(TEMPORARY)} <= _OWN_FILES:
        return
    found = read_experiment(folder)
    if found is None:
        raise RunFolderError(
            f"{folder} holds files but no {FILE}, so it is not a run; expected a run folder, an "
            "empty folder or nothing; name another place with --runs, or rename the space"
        )
    check_name(folder, found, name=name)


def check_writable(folder: Place) -> None:
    """Check that the folder of a run can be written, or made; an object store answers by itself.

    Raises:
        RunFolderError: this user may not write there.
    """
    if in_object_store(folder):
        return
    whole = Path(str(folder)).absolute()
    existing = next(each for each in (whole, *whole.parents) if each.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise RunFolderError(
            f"{existing} cannot be written by this user, and the run would be in "
            f"{folder}; expected a folder with write permission; name another one with --runs"
        )


def record_experiment(folder: Place, name: str, *, version: Version) -> list[str]:
    """Write ``experiment.json``, with a new version if the space, its data or its code changed.

    Args:
        folder: the run folder, made where there is none.
        name: the name of the run.
        version: what this command runs; its ``started_at`` is set here.

    Returns:
        A line for each change after which earlier trials no longer count.
    """
    with _refusing_damage(folder):
        found = record.read_record(folder)
    found = found or {"schema_version": SCHEMA_VERSION, "name": name, "versions": []}
    versions, content = found["versions"], _content(version)
    latest = versions[-1] if versions else {}
    if all(latest.get(part) == value for part, value in content.items()):
        return []
    when = datetime.now(UTC).isoformat(timespec="seconds")
    versions.append({**content, "command": version.command, "started_at": when})
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / FILE, found)
    return _changed_data(latest.get("data") or {}, version.data)


def _content(version: Version) -> dict[str, object]:
    """Return what makes a version another one than the latest, as plain values."""
    content: dict[str, object] = {
        "space": dict(version.space),
        "source": version.source,
        "data": dict(version.data),
        "environment": dict(version.environment),
        "total": version.total,
    }
    if version.reading:  # a version of a run without remarks stays as earlier code wrote it
        content["reading"] = {name: list(lines) for name, lines in version.reading.items()}
    if version.plugins:
        content["plugins"] = {name: dict(each) for name, each in version.plugins.items()}
    if version.starts:
        content["starts"] = list(version.starts)
        content["start_digests"] = {k: dict(each) for k, each in version.start_digests.items()}
    if version.search_trials is not None:
        content["search_trials"] = version.search_trials
    return content


def changed_data(folder: Place, data: Mapping[str, str]) -> list[str]:
    """Return a line for each corpus that has changed since the run in ``folder`` last ran."""
    found = read_experiment(folder)
    return _changed_data(found.newest.data, data) if found else []


def command_line() -> str:
    """Return what was typed, the program by its plain name."""
    program = os.path.basename(sys.argv[0]) if sys.argv else ""
    return shlex.join([program, *sys.argv[1:]] if program else sys.argv[1:])


def read_experiment(folder: Place) -> Experiment | None:
    """Return what ``experiment.json`` holds, None where there is none.

    Raises:
        RunFolderError: the file is not what a run writes.
    """
    with _refusing_damage(folder):
        return recorded_experiment.read_experiment(folder)


@contextmanager
def _refusing_damage(folder: Place) -> Iterator[None]:
    try:
        yield
    except record.RecordError as error:
        raise RunFolderError(
            f"{folder / FILE} cannot be read ({error}); expected what a run writes; restore the "
            "file, or name another place with --runs"
        ) from error


def check_name(folder: Place, found: Experiment | None, *, name: str | None = None) -> None:
    """Check that the record of a folder names the run ``name``; by default the folder's name.

    Every command checks it, so that a run has one name everywhere: in recorded commands, which
    reports print, and in ``search.from``.

    Raises:
        RunFolderError: the folder was copied or renamed.
    """
    name = folder.name if name is None else name
    if found is not None and found.name != name:
        raise RunFolderError(
            f"{folder} belongs to the run {found.name!r}, not to {name!r}; expected the folder "
            f"of a run to keep its name; rename it to {found.name!r}, and keep copies in "
            "another folder of runs (--runs)"
        )


def _changed_data(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [
        f"the {alignment} data changed since the last run of this name ({before[alignment][:12]} "
        f"before, {fingerprint[:12]} now): trials of the earlier data stay in the ledger but no "
        "longer count, and their configurations run again"
        for alignment, fingerprint in now.items()
        if alignment in before and before[alignment] != fingerprint
    ]
